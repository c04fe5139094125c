import type { Context } from '../context.ts'
import { type Subject, suppressionHash } from '../domain/person.ts'
import { identifiersOfSubject } from '../store/identifiers.ts'
import { findPerson, type Person } from '../store/people.ts'
import { exportRows, type Held, recordsAbout } from '../store/personal-data.ts'
import { suppressedAmong, suppressionKey } from '../store/suppressions.ts'

/** What is held about a person, by place, and whether the person is kept out. */
export const lookUpPerson = (
  ctx: Context,
  subject: Subject,
): Promise<{ person: Person; stores: Held[]; isSuppressed: boolean } | 'nobody' | 'several'> =>
  // A transaction that may write: the key for hashes is made when it is first needed.
  ctx.write(async (tx) => {
    const { orgId, vault, clock } = ctx
    const found = await findPerson(tx, orgId, subject)
    if (found === 'several') return found
    const key = await suppressionKey(tx, orgId, vault, clock.now())
    const asked = await identifiersOfSubject(tx, orgId, subject)
    const suppressed = await suppressedAmong(
      tx,
      asked.map((identifier) => suppressionHash(key, identifier)),
    )
    const isSuppressed = suppressed.size > 0
    const nobody: Person = { contactIds: [], records: [], emails: [], phones: [] }
    if (found === 'nobody') return isSuppressed ? { person: nobody, stores: [], isSuppressed } : found
    const { person } = found
    const held = await exportRows(tx, orgId, person, await recordsAbout(tx, orgId, person))
    return { person, stores: held.map(({ store, rows }) => ({ store, rows: rows.length })), isSuppressed }
  })
