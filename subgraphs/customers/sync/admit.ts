import type { SourceRecord } from '#sync/source.ts'
import type { Applying } from '#sync/target.ts'
import { admissible, identifiersOf } from '../domain/admission.ts'
import { ERASED, type Identifier, normalEmail, recordIdentifier, suppressionHash } from '../domain/person.ts'
import type { OwnerRow } from '../store/owners.ts'
import { suppressedAmong, writeSuppressions } from '../store/suppressions.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'

/** What recognising the erased of one portal takes. */
export interface Admission {
  /** The portal's own id. */
  portal: string
  /** The organisation's key for hashes. */
  key: Buffer
}

/**
 * Leaves out of a page who was erased, and takes the erased out of what is left. One statement per page, and none where
 * nothing could name anybody; another when a ticket turns out to be about somebody erased.
 */
export const admit =
  ({ portal, key }: Admission) =>
  async (
    raw: object,
    type: string,
    records: readonly SourceRecord[],
    { orgId, at }: Applying,
  ): Promise<readonly SourceRecord[]> => {
    const tx = asTransaction(raw)
    const hashOf = remembering((identifier) => suppressionHash(key, identifier))
    const wanted = new Set(records.flatMap((record) => identifiersOf(portal, type, record).map(hashOf)))
    if (wanted.size === 0) return records
    const suppressed = await suppressedAmong(tx, [...wanted])
    if (suppressed.size === 0) return records
    const isErased = (identifier: Identifier) => suppressed.has(hashOf(identifier))
    const admitted = records.flatMap((record) => admissible(portal, type, record, isErased) ?? [])
    await rememberTickets(raw, { portal, type, records, suppressed, hashOf, orgId, at })
    return admitted
  }

const remembering = (hash: (identifier: Identifier) => string) => {
  const known = new Map<string, string>()
  return (identifier: Identifier): string => {
    const name = `${identifier.kind}:${identifier.value}`
    const found = known.get(name) ?? hash(identifier)
    known.set(name, found)
    return found
  }
}

/**
 * A ticket about somebody erased is remembered as such: read again it may come without its links, and nothing else would
 * tell then that its words must stay out.
 */
const rememberTickets = async (
  raw: object,
  page: {
    portal: string
    type: string
    records: readonly SourceRecord[]
    suppressed: ReadonlyMap<string, string>
    hashOf(identifier: Identifier): string
    orgId: string
    at: Date
  },
): Promise<void> => {
  const { portal, type, records, suppressed, hashOf, orgId, at } = page
  if (type !== 'tickets') return
  const found = records.flatMap((record) => {
    const own = hashOf(recordIdentifier(portal, type, record.externalId))
    if (suppressed.has(own)) return []
    const persons = identifiersOf(portal, type, record).filter(({ value }) =>
      value.startsWith(`${portal}/contacts/`),
    )
    const erasureId = persons.map((person) => suppressed.get(hashOf(person))).find(Boolean)
    return erasureId ? [{ hash: own, kind: 'record' as const, erasureId }] : []
  })
  await writeSuppressions(asTransaction(raw), orgId, found, at)
}

/** A portal's owners, those who were erased without their names: records still name them by id. */
export const admittedOwners = async (
  tx: Transaction,
  key: Buffer,
  owners: readonly OwnerRow[],
): Promise<OwnerRow[]> => {
  const hashOf = ({ email }: OwnerRow) =>
    suppressionHash(key, { kind: 'email', value: normalEmail(email) ?? '' })
  const suppressed = await suppressedAmong(tx, owners.map(hashOf))
  return owners.map((owner) =>
    suppressed.has(hashOf(owner)) ? { ...owner, email: null, name: ERASED } : owner,
  )
}
