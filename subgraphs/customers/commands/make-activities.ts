import type { ChangeRecords } from '../context.ts'
import { isOn } from '../domain/features.ts'
import { goesOut } from '../domain/going-out.ts'
import { EXTERNAL_KEY } from '../domain/own-properties.ts'
import type { IntegrationRow } from '../store/integrations.ts'
import { heldRecords } from '../store/leads.ts'
import type { Transaction } from '../store/transaction.ts'
import { writableProperties } from '../store/writable.ts'

export interface Activity {
  localId: string
  values: Record<string, string | string[]>
}

/**
 * Makes tasks or notes in a portal, each once for ever: one that the hub has, or that somebody has deleted, is not made again. Nothing
 * where the portal has no room for them.
 * @returns how many were made
 */
export const makeActivities = async (
  tx: Transaction,
  changeRecords: ChangeRecords,
  { portal, type, at }: { portal: IntegrationRow; type: 'tasks' | 'notes'; at: Date },
  activities: readonly Activity[],
): Promise<number> => {
  if (activities.length === 0 || !goesOut(portal) || !isOn(portal, type === 'tasks' ? 'TASKS' : 'NOTES'))
    return 0
  const place = { orgId: portal.org_id, integrationId: portal.id, type }
  if ((await writableProperties(tx, place, type)).refusalOf(EXTERNAL_KEY)) return 0
  const held = await heldRecords(
    tx,
    place,
    activities.map(({ localId }) => localId),
  )
  const assumed = { hs_createdate: at.toISOString() }
  const fresh = new Map(activities.map((each) => [each.localId, each]))
  const creates = [...fresh.values()]
    .filter(({ localId }) => !held.has(localId))
    .map((each) => ({ ...each, assumed }))
  if (creates.length > 0) await changeRecords(tx, place, { creates }, at, { isUrgent: false })
  return creates.length
}
