import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { newId } from '#kernel/ids.ts'
import { byChance } from '#kernel/planning.ts'
import type { Principal } from '#kernel/principal.ts'
import type { Vault } from '#kernel/vault.ts'
import { markPerson } from '#schema/person-marks.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import type { Context } from '../context.ts'
import { ERASED, hubIdentifier, type Identifier, type Subject, suppressionHash } from '../domain/person.ts'
import { contactGone, personErased } from '../domain/telling.ts'
import { identifiersOfRecords } from '../store/identifiers.ts'
import { belongingOf, findPerson, namesOf, ownPhones, type Person, samePerson } from '../store/people.ts'
import {
  type AboutRecord,
  deleteWhole,
  type Held,
  recordsAbout,
  redactOwners,
  redactTickets,
} from '../store/personal-data.ts'
import { cutDeliveries, cutSealedWords } from '../store/personal-deliveries.ts'
import { cutLinks, cutMentions } from '../store/personal-redactions.ts'
import { lockErasure, suppressionKey, writeSuppressions } from '../store/suppressions.ts'
import type { Transaction } from '../store/transaction.ts'
import { tryOut } from '../store/try-out.ts'

export type ErasureReason =
  | 'ASKED_BY_PERSON'
  | 'CONSENT_WITHDRAWN'
  | 'NO_LONGER_NEEDED'
  | 'HELD_UNLAWFULLY'
  | 'LEGAL_DUTY'
  | 'ASKED_BY_HUBSPOT'

/** What an erasure did, or would do. */
export interface Erasure {
  id: string
  stores: Held[]
  /** Hashes by which the person is recognised from now on. */
  hashes: number
  contactIds: string[]
}

/** What an erasure is done with. */
interface Act {
  orgId: string
  principal: Pick<Principal, 'kind' | 'id'>
  clock: Clock
  vault: Vault
  reason: ErasureReason
  /** The number of the request in somebody's own books; checked to carry no words. */
  reference: string | null
}

/**
 * Erases a person from everything this subgraph holds for the organisation, in one transaction: deletes the person's own
 * records and the notes and tasks about them, takes words out of tickets, links out of deals, and addresses out of whatever mentions them;
 * remembers hashes by which the person is not taken in again; tells siblings by ids alone; and leaves an audit row of the act.
 * Pages under way are waited for, and those that come after find the hashes.
 * @param ask.preview only finds out what would be done
 */
export const erasePerson = (
  ctx: Context,
  ask: { subject: Subject; reason: ErasureReason; reference: string | null; preview: boolean },
): Promise<{ erasure: Erasure; receipt: Receipt } | 'nobody' | 'several'> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock, vault } = ctx
    await lockErasure(tx, orgId)
    const found = await findPerson(tx, orgId, ask.subject)
    if (typeof found === 'string') return found
    const act = { orgId, principal, clock, vault, reason: ask.reason, reference: ask.reference }
    const erase = () => eraseFound(tx, act, found.person)
    const erasure = ask.preview ? await tryOut(tx, erase) : await erase()
    return { erasure, receipt: await receiptOf(tx) }
  })

/**
 * Erases the person that a record of a portal is, as HubSpot asks for when it forgets somebody; also when the record is not here, so that it
 * does not come. Safe to repeat.
 */
export const eraseByRecord = async (
  tx: Transaction,
  act: Omit<Act, 'reason' | 'reference'>,
  { connectionId, externalId }: { connectionId: string; externalId: string },
): Promise<Erasure> => {
  await lockErasure(tx, act.orgId)
  const record = { type: 'contacts' as const, connection: connectionId, record: externalId }
  const person = await samePerson(tx, act.orgId, { records: [record] })
  return await eraseFound(tx, { ...act, reason: 'ASKED_BY_HUBSPOT', reference: null }, person)
}

const eraseFound = async (tx: Transaction, act: Act, person: Person): Promise<Erasure> => {
  const { orgId, principal, clock, vault, reason, reference } = act
  const id = newId(clock)
  const at = clock.now()
  const contacts = await belongingOf(tx, orgId, person.contactIds)
  const about = await recordsAbout(tx, orgId, person)
  const identifiers = await identifiersOf(tx, orgId, person, about)
  // Numbers that others have too stay where they are: they are not the person's own.
  const own = { ...person, phones: identifiers.flatMap(({ kind, value }) => (kind === 'phone' ? value : [])) }
  const marks = markPerson(vault, orgId, { ...own, names: await namesOf(tx, orgId, person.contactIds) })
  const stores = sum([
    await cutLinks(tx, orgId, person),
    await redactTickets(tx, orgId, about, ERASED),
    await deleteWhole(tx, orgId, about),
    await redactOwners(tx, orgId, person, ERASED),
    await cutMentions(tx, orgId, own),
    await cutDeliveries(tx, orgId, about),
    await cutSealedWords(tx, orgId, own, vault),
  ])
  const key = await suppressionKey(tx, orgId, vault, at)
  const hashes = identifiers.map((each) => ({
    kind: each.kind,
    // By chance only where the organisation has just got its key.
    hash: byChance(suppressionHash(key, each), key.toString('base64')),
    erasureId: id,
  }))
  await writeSuppressions(tx, orgId, hashes, at)
  await audit(tx, {
    orgId,
    principal,
    action: 'erasePerson',
    subject: { type: 'Erasure', id },
    after: {
      reason,
      reference,
      contacts: contacts.length,
      hashes: hashes.length,
      ...Object.fromEntries(stores.map(({ store, rows }) => [store, rows])),
    },
    at,
  })
  const contactIds = contacts.map(({ contactId }) => contactId)
  const told = contacts.map((each) => contactGone(each, at))
  await publish(tx, orgId, [...told, personErased(id, contactIds, marks)], at)
  return { id, stores, hashes: hashes.length, contactIds }
}

/** Everything by which the person or what is about them could come back. */
const identifiersOf = async (
  tx: Transaction,
  orgId: string,
  person: Person,
  about: readonly AboutRecord[],
): Promise<Identifier[]> => [
  ...person.emails.map((value): Identifier => ({ kind: 'email', value })),
  ...(await ownPhones(tx, orgId, person)).map((value): Identifier => ({ kind: 'phone', value })),
  ...person.contactIds.map(hubIdentifier),
  ...(await identifiersOfRecords(tx, orgId, [...person.records, ...about])),
]

const sum = (parts: readonly Held[][]): Held[] => {
  const all = new Map<string, number>()
  for (const { store, rows } of parts.flat()) all.set(store, (all.get(store) ?? 0) + rows)
  return [...all].map(([store, rows]) => ({ store, rows })).sort((a, b) => (a.store < b.store ? -1 : 1))
}
