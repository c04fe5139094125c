import { createHash } from 'node:crypto'
import {
  type HubSpotEvent,
  isSignedBy,
  type ReadDelivery,
  readClaim,
  readDelivery,
  type SignatureFault,
  type SignatureRules,
  type SignedRequest,
} from '#connectors/hubspot/index.ts'
import { valueHash } from '#sync/writes.ts'
import { linksOf, type RecordType } from '../domain/kinds.ts'
import { type Concerned, isOwnNumber, type Told } from '../domain/webhook.ts'

export type { HubSpotEvent, ReadDelivery, SignatureFault, SignatureRules, SignedRequest }
export { isSignedBy, readClaim, readDelivery }

/** Kinds as events name them: by word, by type id, or by the words of an association. */
const KINDS: Readonly<Record<string, RecordType>> = {
  company: 'companies',
  contact: 'contacts',
  deal: 'deals',
  ticket: 'tickets',
  task: 'tasks',
  note: 'notes',
  '0-1': 'contacts',
  '0-2': 'companies',
  '0-3': 'deals',
  '0-5': 'tickets',
  '0-27': 'tasks',
  '0-46': 'notes',
}

const kindOf = (word: string | undefined): RecordType | undefined =>
  word === undefined ? undefined : KINDS[word.toLowerCase()]

/** What the words of a delivery tell that was taken before. */
export const readWords = (body: string, receiver: string): Told[] =>
  (readDelivery(Buffer.from(body))?.events ?? []).map((event) => toldBy(event, receiver))

/** What an event says to us. @param receiver the kind that its address is for, for events that do not name theirs */
export const toldBy = (event: HubSpotEvent, receiver = ''): Told => {
  const [first = '', second] = event.subscriptionType.split('.')
  const [word, what] = second === undefined ? [receiver, first] : [first, second]
  const { portalId, attemptNumber, propertyValue: _, ...kept } = event
  const records = what === 'associationChange' ? endsOf(event, word) : subjectsOf(event, word, what)
  return {
    portalId: portalId ?? null,
    hash: hashOf(event),
    occurredAt: event.occurredAt === undefined ? null : new Date(event.occurredAt),
    attempt: attemptNumber ?? 0,
    kept,
    records,
    says: saidBy(event, records[0], what),
    forgets: what === 'privacyDeletion' && word === 'contact' ? (event.objectId ?? null) : null,
  }
}

/** The value that an event says a property has got. It is never taken for the truth: only to tell what we have written ourselves. */
const saidBy = (
  { propertyName, propertyValue }: HubSpotEvent,
  record: Concerned | undefined,
  what: string | undefined,
): Told['says'] =>
  what === 'propertyChange' && record && propertyName !== undefined && propertyValue !== undefined
    ? {
        type: record.type,
        externalId: record.externalId,
        field: propertyName,
        valueHash: valueHash(propertyValue),
      }
    : null

/** Which of a portal's own kinds it is, only who knows the portal can say: until then it goes by its number there. */
const ownKindOf = ({ objectTypeId = '' }: HubSpotEvent): string | undefined =>
  isOwnNumber(objectTypeId) ? objectTypeId : undefined

/** What an event is about. The record itself is asked how it is now: events come late, twice, and in any order. */
const subjectsOf = (event: HubSpotEvent, word: string, what: string): Concerned[] => {
  const type = word === 'object' ? (kindOf(event.objectTypeId) ?? ownKindOf(event)) : kindOf(word)
  if (!type) return []
  const merge = [event.primaryObjectId, event.newObjectId, ...(event.mergedObjectIds ?? [])]
  const ids = what === 'merge' ? [...merge, event.objectId] : [event.objectId]
  // A record that goes or comes back tells no time of its own that it could be compared with.
  const isDated = what === 'propertyChange' || what === 'creation'
  const changedAt = isDated && event.occurredAt !== undefined ? new Date(event.occurredAt) : undefined
  return [...new Set(ids)].flatMap((externalId) =>
    externalId === undefined
      ? []
      : { type, externalId, changedAt, hasLinks: what === 'merge' || what === 'restore' },
  )
}

/** Of two records that were joined or parted, the one with which we read the link. */
const endsOf = (event: HubSpotEvent, word: string): Concerned[] => {
  const [fromWord, toWord] = (event.associationType ?? '').split('_TO_')
  const ends = [
    { type: kindOf(event.fromObjectTypeId) ?? kindOf(fromWord) ?? kindOf(word), id: event.fromObjectId },
    { type: kindOf(event.toObjectTypeId) ?? kindOf(toWord), id: event.toObjectId },
  ]
  return ends.flatMap(({ type, id }, at) => {
    const other = ends[1 - at]?.type
    return type && other && id !== undefined && linksOf(type).includes(other)
      ? { type, externalId: id, hasLinks: true }
      : []
  })
}

/** The same for each delivery of one event. HubSpot's own event id is not unique, and each try counts its attempts. */
const hashOf = ({ attemptNumber: _, propertyValue: __, ...event }: HubSpotEvent): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(event).sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex')
