import type { ChangeRecords } from '../context.ts'
import { unownedContacts } from '../store/assignment-rules.ts'
import { lockAssignmentRun, moveAssignmentRun } from '../store/assignment-runs.ts'
import { integrationsOf } from '../store/integrations.ts'
import type { Transaction } from '../store/transaction.ts'
import { assignContacts, assigns, CONTACTS_AT_ONCE } from './assign-contacts.ts'

/**
 * Gives the next of a portal's contacts that nobody looks after to colleagues, and notes how far it is, in the caller's transaction:
 * whoever is interrupted goes on behind the last ones. Ends where it was switched off meanwhile.
 * @returns whether there may be more
 */
export const assignOn = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  { orgId, integrationId, at }: { orgId: string; integrationId: string; at: Date },
  limit = CONTACTS_AT_ONCE,
): Promise<boolean> => {
  const place = { orgId, integrationId }
  const run = await lockAssignmentRun(tx, place)
  if (!run) return false
  const [portal] = await integrationsOf(tx, orgId, [integrationId])
  const page = portal && assigns(portal) ? await unownedContacts(tx, place, { after: run.after, limit }) : []
  const ids = page.map(({ id }) => id)
  const assigned = portal && ids.length > 0 ? await assignContacts(tx, changeRecords, { portal, ids, at }) : 0
  const isLast = page.length < limit
  const done = { after: ids.at(-1) ?? null, looked: ids.length, assigned, endedAt: isLast ? at : null }
  await moveAssignmentRun(tx, place, done)
  return !isLast
}
