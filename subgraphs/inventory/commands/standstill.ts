import type { Standstill } from '#control/vendor.ts'
import { allows, EVERY_TYPE, isPaused } from '#schema/events.ts'
import type { IntegrationRow } from '../store/integrations.ts'
import { pausesOf } from '../store/pauses.ts'
import type { Transaction } from '../store/transaction.ts'

/** Why a connection cannot be read now; undefined when it can. */
export const standstillOf = async (
  tx: Transaction,
  { id, orgId, status, direction }: IntegrationRow,
): Promise<Exclude<Standstill, 'ambiguous'> | undefined> => {
  const pauses = (await pausesOf(tx, orgId, [id])).get(id) ?? []
  if (status === 'NEEDS_REAUTH') return 'signed out'
  if (!allows(direction, 'IN')) return 'outward'
  return status === 'PAUSED' || isPaused(pauses, 'IN', EVERY_TYPE) ? 'paused' : undefined
}
