/**
 * person      somebody whose data we hold: one or several contacts in one or several portals
 * subject     what an administrator knows of the person: one e-mail address, telephone number or record
 * identifier  something the person is recognised by, normalised, so that the same is written the same
 */
import { createHmac } from 'node:crypto'
import { mentionedIn } from '#kernel/mask.ts'

export interface Identifier {
  kind: 'email' | 'phone' | 'record'
  value: string
}

/** What somebody may know of a person: exactly one of these. */
export interface Subject {
  email?: string | null | undefined
  phone?: string | null | undefined
  contactId?: string | null | undefined
  hubspotContactId?: string | null | undefined
}

/** An address as it is compared; null when it is none. */
export const normalEmail = (text: string | null | undefined): string | null => {
  const plain = text?.normalize('NFKC').trim().toLowerCase() ?? ''
  return /^[^\s@]+@[^\s@]+$/.test(plain) ? plain : null
}

const SHORTEST_PHONE = 7
const LONGEST_PHONE = 15

/** A number as it is compared: its digits, without what is dialled before them. Null when it is none. */
export const normalPhone = (text: string | null | undefined): string | null => {
  const digits = (text ?? '').replace(/\D/g, '').replace(/^0+/, '')
  return digits.length >= SHORTEST_PHONE && digits.length <= LONGEST_PHONE ? digits : null
}

/** A record of a portal. The portal's own id, since a connection to it may be made anew. */
export const recordIdentifier = (portal: string, type: string, externalId: string): Identifier => ({
  kind: 'record',
  value: `${portal}/${type}/${externalId}`,
})

/** The hub's own id of a contact: who was erased may be asked for by it still. */
export const hubIdentifier = (contactId: string): Identifier => recordIdentifier('hub', 'contacts', contactId)

/** What is wrong with how somebody is named, and in which field; null when it can be looked for. */
export const subjectFault = (subject: Subject): { field: string | null; message: string } | null => {
  const given = Object.entries(subject).filter(([, value]) => value !== null && value !== undefined)
  if (given.length !== 1) return { field: null, message: 'Name the person by exactly one thing.' }
  if (subject.email != null && normalEmail(subject.email) === null)
    return { field: 'email', message: 'This is no e-mail address.' }
  if (subject.phone != null && normalPhone(subject.phone) === null)
    return { field: 'phone', message: 'A telephone number has 7 to 15 digits.' }
  return null
}

/** The number of a request in somebody's own books. It must not say whose it is. */
export const isReference = (text: string): boolean =>
  /^[A-Za-z0-9][\w./#-]{0,39}$/.test(text) && !/\d{7}/.test(text)

/** What of a record's values says whose it is. */
type Says = Readonly<Record<string, unknown>>

const textsOf = (values: Says, fields: readonly string[]): string[] =>
  fields.flatMap((field) => {
    const said = values[field]
    return typeof said === 'string' ? said.split(';') : []
  })

/** Properties of a contact that hold an address or a number of its own; HubSpot keeps those of merged contacts in one of them. */
export const EMAIL_FIELDS = ['email', 'hs_additional_emails', 'work_email'] as const
export const PHONE_FIELDS = ['phone', 'mobilephone'] as const

const each = (kind: Identifier['kind'], values: readonly (string | null)[]): Identifier[] =>
  [...new Set(values)].flatMap((value) => (value === null ? [] : [{ kind, value }]))

/** The addresses that are a contact's own. */
export const emailsOf = (values: Says): Identifier[] =>
  each('email', textsOf(values, EMAIL_FIELDS).map(normalEmail))

/** The numbers that are a contact's own, as far as HubSpot tells. */
export const phonesOf = (values: Says): Identifier[] =>
  each('phone', textsOf(values, PHONE_FIELDS).map(normalPhone))

/** Whom a text mentions, by address or by international number. */
export const mentionsIn = (text: string): Identifier[] => {
  const { emails, phones } = mentionedIn(text)
  return [...each('email', emails.map(normalEmail)), ...each('phone', phones.map(normalPhone))]
}

/** What stands where somebody was. */
export const ERASED = '[erased]'

/** The text without those whom it mentions and who are erased. */
export const withoutMentions = (text: string, isErased: (identifier: Identifier) => boolean): string => {
  const { emails, phones } = mentionedIn(text)
  const named = [
    ...emails.map((said) => ({ said, kind: 'email' as const, value: normalEmail(said) })),
    ...phones.map((said) => ({ said, kind: 'phone' as const, value: normalPhone(said) })),
  ]
  return named.reduce(
    (left, { said, kind, value }) =>
      value !== null && isErased({ kind, value }) ? left.replaceAll(said, ERASED) : left,
    text,
  )
}

/** The hash an identifier is suppressed by, under the organisation's own key. */
export const suppressionHash = (key: Buffer, { kind, value }: Identifier): string =>
  createHmac('sha256', key).update(`${kind}:${value}`).digest('base64url')
