/** Which records may be taken in after somebody was erased, and as what. */
import { fieldToLinks, linkField, linksToField } from './links.ts'
import {
  ERASED,
  emailsOf,
  type Identifier,
  mentionsIn,
  phonesOf,
  recordIdentifier,
  withoutMentions,
} from './person.ts'

/** A record as a source tells it. */
export interface Told {
  externalId: string
  values: Readonly<Record<string, string | number | boolean | null | readonly string[]>>
  mergedIds?: readonly string[]
}
type Value = Told['values'][string]

/** Records that are words about somebody: they go with any of the persons they are about. */
export const WORDS_ABOUT: ReadonlySet<string> = new Set([
  'notes',
  'tasks',
  'calls',
  'emails',
  'meetings',
  'communications',
])

/** What stays of a ticket whose person was erased: that there was one, when, how urgent and how it went. Its words do not. */
export const KEPT_OF_TICKETS: ReadonlySet<string> = new Set([
  'createdate',
  'closed_date',
  'hs_pipeline',
  'hs_pipeline_stage',
  'hs_ticket_priority',
  'hs_ticket_category',
  'hubspot_owner_id',
  linkField('companies'),
])

const CONTACTS = linkField('contacts')
const isLink = (field: string): boolean => field.startsWith('@')

/** The persons a record says it is about, by their records. */
const personsOf = (portal: string, values: Told['values']): Identifier[] =>
  fieldToLinks(values[CONTACTS]).map(({ id }) => recordIdentifier(portal, 'contacts', id))

const ownOf = (portal: string, type: string, record: Told): Identifier[] =>
  [record.externalId, ...(record.mergedIds ?? [])].map((id) => recordIdentifier(portal, type, id))

/** Everything in a record that may name somebody who was erased. */
export const identifiersOf = (portal: string, type: string, record: Told): Identifier[] => [
  // A company is no person, and its own id is never suppressed.
  ...(type === 'companies' ? [] : ownOf(portal, type, record)),
  ...(type === 'contacts' ? [...emailsOf(record.values), ...phonesOf(record.values)] : []),
  ...personsOf(portal, record.values),
  ...Object.entries(record.values).flatMap(([field, value]) =>
    typeof value === 'string' && !isLink(field) ? mentionsIn(value) : [],
  ),
]

/**
 * The record as it may be taken in; null when it may not be. Contacts are left out when they are somebody erased, notes and the
 * like when they are about somebody erased; tickets lose their words; everything else loses the link and the mention.
 */
export const admissible = <R extends Told>(
  portal: string,
  type: string,
  record: R,
  isErased: (identifier: Identifier) => boolean,
): R | null => {
  const { values } = record
  if (type === 'companies') return mentionless(record, isErased, isOwnNumber)
  if (type === 'contacts')
    return isErasedContact(portal, record, isErased) ? null : mentionless(record, isErased)
  const isAbout = ownOf(portal, type, record).some(isErased) || personsOf(portal, values).some(isErased)
  if (!isAbout) return mentionless(record, isErased)
  if (WORDS_ABOUT.has(type)) return null
  const linkless = withLinks(portal, record, isErased)
  return mentionless(type === 'tickets' ? wordless(linkless) : linkless, isErased)
}

// Colleagues share a number: it tells who somebody is only where no address does.
const isErasedContact = (
  portal: string,
  record: Told,
  isErased: (identifier: Identifier) => boolean,
): boolean => {
  const emails = emailsOf(record.values)
  return (
    ownOf(portal, 'contacts', record).some(isErased) ||
    emails.some(isErased) ||
    (emails.length === 0 && phonesOf(record.values).some(isErased))
  )
}

const withLinks = <R extends Told>(
  portal: string,
  record: R,
  isErased: (identifier: Identifier) => boolean,
): R => {
  if (!(CONTACTS in record.values)) return record
  const left = fieldToLinks(record.values[CONTACTS]).filter(
    ({ id }) => !isErased(recordIdentifier(portal, 'contacts', id)),
  )
  return { ...record, values: { ...record.values, [CONTACTS]: linksToField(left) } }
}

const wordless = <R extends Told>(record: R): R => ({
  ...record,
  values: Object.fromEntries(
    Object.entries(record.values).map(([field, value]) => [field, wordlessValue(field, value)]),
  ),
})

const wordlessValue = (field: string, value: Value): Value => {
  if (KEPT_OF_TICKETS.has(field) || field === CONTACTS) return value
  return field === 'subject' ? ERASED : null
}

/** A company is no person: what is in a field for numbers is its own, whoever else could be called by it. */
export const isOwnNumber = (field: string, { kind }: Identifier): boolean =>
  kind === 'phone' && /phone/i.test(field)

const mentionless = <R extends Told>(
  record: R,
  isErased: (identifier: Identifier) => boolean,
  stays: (field: string, identifier: Identifier) => boolean = () => false,
): R => {
  const changed = Object.entries(record.values).flatMap(([field, value]): [string, Value][] => {
    if (typeof value !== 'string' || isLink(field)) return []
    const left = withoutMentions(value, (named) => !stays(field, named) && isErased(named))
    return left === value ? [] : [[field, left]]
  })
  return changed.length === 0
    ? record
    : { ...record, values: { ...record.values, ...Object.fromEntries(changed) } }
}
