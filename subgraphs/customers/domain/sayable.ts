import { decimal } from '#kernel/money.ts'
import { registrableDomain } from './names.ts'
import { takenIn } from './secrets.ts'
import { instantOf, numberOf, type Said, textOf } from './values.ts'
import type { WrittenField } from './written-fields.ts'

/** A value as HubSpot may be told it, or the sentence that says what is wrong with it. */
export type Sayable = { text: string | null } | { wrong: string }

const LONGEST = 65_536
const LONGEST_LINE = 1_000
const LARGEST_COUNT = 2 ** 31

const EMAIL = /^[^\s@<>(),;:"]+@[^\s@<>(),;:"]+\.[^\s@<>(),;:".]{2,}$/u
// As people write numbers: what is left without signs has to be a number that can be called.
const PHONE = /^\+?[\d ().\-/]+(?:\s*(?:x|ext\.?)\s*\d{1,6})?$/i

/** Judges one value that somebody wants a record to say. Pure. An empty text is no value. */
export const sayable = ({ kind, words }: WrittenField, given: unknown): Sayable => {
  if (given === null || given === undefined) return { text: null }
  if (given instanceof Date) return { text: given.toISOString() }
  const text = String(given).toWellFormed().replaceAll('\u0000', '').trim()
  if (text === '') return { text: null }
  const longest = kind === 'MARKUP' || kind === 'FREE' ? LONGEST : LONGEST_LINE
  if (text.length > longest) return { wrong: `It may have at most ${longest} letters.` }
  return JUDGES[kind](text, words)
}

const JUDGES: Readonly<
  Record<WrittenField['kind'], (text: string, words: readonly string[] | undefined) => Sayable>
> = {
  TEXT: (text) => ({ text: takenIn(text) }),
  // HubSpot keeps it as markup: signs that mean something there are written so that they mean themselves.
  MARKUP: (text) => ({ text: takenIn(markupOf(text)) }),
  EMAIL: (text) =>
    EMAIL.test(text) && text.length <= 254
      ? { text: text.toLowerCase() }
      : { wrong: 'That is no e-mail address. Write it like ann@example.com.' },
  PHONE: (text) => {
    const digits = text.replace(/(?:x|ext\.?)\s*\d+$/i, '').replace(/\D/g, '').length
    return PHONE.test(text) && digits >= 5 && digits <= 15
      ? { text }
      : { wrong: 'That is no telephone number. Write it with its country, like +1 303 555 0100.' }
  },
  DOMAIN: (text) => {
    const host = text
      .toLowerCase()
      .replace(/^https?:\/\//, '')
      .replace(/[/?#].*$/, '')
    return registrableDomain(host) === null || /[\s@]/.test(host)
      ? { wrong: 'That is no web domain. Write it like example.com.' }
      : { text: host }
  },
  WEBSITE: (text) =>
    registrableDomain(text) === null || /\s/.test(text) || (text.includes(':') && !/^https?:\/\//i.test(text))
      ? { wrong: 'That is no address of a website. Write it like https://example.com.' }
      : { text },
  AMOUNT: (text) => {
    const number = numberOf(text)
    if (number === null) return { wrong: 'That is no amount. Write it like 1200.50.' }
    return number.startsWith('-') ? { wrong: 'It cannot be less than nothing.' } : { text: decimal(number) }
  },
  NUMBER: (text) => {
    const number = numberOf(text)
    return number === null ? { wrong: 'That is no number. Write it like 12.5.' } : { text: number }
  },
  FLAG: (text) => (text === 'true' || text === 'false' ? { text } : { wrong: 'It is true or false.' }),
  FREE: (text) => ({ text: takenIn(text) }),
  COUNT: (text) =>
    /^\d{1,10}$/.test(text) && Number(text) < LARGEST_COUNT
      ? { text: String(Number(text)) }
      : { wrong: 'It is a whole number, and not less than nothing.' },
  CURRENCY: (text) =>
    /^[a-z]{3}$/i.test(text)
      ? { text: text.toUpperCase() }
      : { wrong: 'That is no currency. Write it as three letters, like USD.' },
  DAY: (text) => {
    const day = instantOf(text)?.toISOString().slice(0, 10)
    return /^\d{4}-\d\d-\d\d$/.test(text) && day === text
      ? { text }
      : { wrong: 'That is no day. Write it like 2026-03-01.' }
  },
  INSTANT: (text) => {
    const at = instantOf(text)
    return at === null
      ? { wrong: 'That is no time. Write it like 2026-03-01T08:30:00Z.' }
      : { text: at.toISOString() }
  },
  WORD: (text, words = []) => {
    const word = words.find((each) => each === text.toUpperCase())
    return word === undefined ? { wrong: `It is one of ${words.join(', ')}.` } : { text: word }
  },
}

const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** A text as markup that reads as that text. */
const markupOf = (text: string): string =>
  text.replace(/[&<>]/g, (sign) => SIGNS[sign] ?? sign).replace(/\r\n?|\n/g, '<br>')

/** Whether a record says this already, however it is written there. */
export const saidAlready = ({ kind }: WrittenField, held: unknown, text: string | null): boolean => {
  const now = textOf(held as Said)
  if (now === text) return true
  if (now === null || text === null) return false
  if (kind === 'AMOUNT' || kind === 'COUNT') return numberOf(now) === numberOf(text)
  if (kind === 'INSTANT' || kind === 'DAY') return instantOf(now)?.getTime() === instantOf(text)?.getTime()
  return kind === 'EMAIL' && now.toLowerCase() === text
}
