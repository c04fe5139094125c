import { getDomain } from 'tldts'

/** How a company's name is compared: without legal form, accents, case and punctuation. */
const LEGAL_FORMS = new Set(
  (
    'inc incorporated corp corporation co company llc llp lp ltd limited plc gmbh ag kg ohg ug se sa sas sarl srl spa bv nv ab as oy aps ' +
    'kk pty pte sro doo kft zrt zoo group holding holdings the'
  ).split(' '),
)

/** A name reduced to the words that tell it apart. The whole name when nothing else is left. */
export const normalName = (name: string): string => {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    // "G.m.b.H." and "S.A." are one word each.
    .replace(/(?<=\b\p{L})\.(?=\p{L}\b|\s|$)/gu, '')
    .replace(/&/g, ' and ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
  const telling = plain
    .split(' ')
    .filter((word) => !LEGAL_FORMS.has(word))
    .join(' ')
  return telling || plain
}

/** Domains under which everybody may have an address: they say nothing about who somebody is. */
const EVERYBODYS = new Set(
  (
    'gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk live.com msn.com yahoo.com yahoo.co.uk ymail.com aol.com icloud.com me.com ' +
    'mac.com gmx.de gmx.net gmx.com web.de t-online.de freenet.de mail.com mail.ru yandex.ru yandex.com proton.me protonmail.com ' +
    'zoho.com qq.com 163.com 126.com fastmail.com orange.fr free.fr wanadoo.fr laposte.net libero.it virgilio.it comcast.net ' +
    'verizon.net att.net sbcglobal.net cox.net facebook.com linkedin.com wixsite.com wordpress.com blogspot.com github.io'
  ).split(' '),
)

/** The registrable domain of an address or host name, such as `acme.co.uk`; null when there is none. */
export const registrableDomain = (text: string | null | undefined): string | null =>
  text ? getDomain(text.trim(), { allowPrivateDomains: true }) : null

/** The domain by which accounts of one customer may find each other; null when it is everybody's or none. */
export const matchDomain = (text: string | null | undefined): string | null => {
  const domain = registrableDomain(text)
  return domain === null || EVERYBODYS.has(domain) ? null : domain
}
