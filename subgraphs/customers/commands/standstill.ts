import type { Standstill } from '#control/vendor.ts'
import { allows, EVERY_TYPE, isPaused } from '../domain/settings.ts'
import type { IntegrationRow } from '../store/integrations.ts'
import { pausesOf } from '../store/pauses.ts'
import type { Transaction } from '../store/transaction.ts'

/** Why a connection cannot be read now; undefined when it can. */
export const standstillOf = async (
  tx: Transaction,
  integration: IntegrationRow,
): Promise<Exclude<Standstill, 'ambiguous'> | undefined> => {
  const { id, org_id: orgId, status, direction } = integration
  const pauses = (await pausesOf(tx, orgId, [id])).get(id) ?? []
  if (status === 'NEEDS_REAUTH') return 'signed out'
  if (!allows(direction, 'IN')) return 'outward'
  return isPaused(pauses, 'IN', EVERY_TYPE) ? 'paused' : undefined
}
