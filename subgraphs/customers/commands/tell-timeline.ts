import { noteOutgoing } from '#sync/outgoing.ts'
import { TIMELINE_TYPE } from '../domain/timeline.ts'
import { insertTimeline, type NewTimelineRow } from '../store/timeline.ts'
import type { Transaction } from '../store/transaction.ts'

/**
 * Has events written to timelines, in the caller's transaction: one statement, and one for each portal. An event that is known already
 * is not told again.
 * @param options.isUrgent somebody waits for it. Default: nobody
 * @returns the ids of those that were new
 */
export const tellTimeline = async (
  tx: Transaction,
  orgId: string,
  rows: readonly NewTimelineRow[],
  at: Date,
  { isUrgent = false }: { isUrgent?: boolean } = {},
): Promise<Set<string>> => {
  const made = await insertTimeline(tx, orgId, rows, at)
  const fresh = rows.filter(({ id }) => made.has(id))
  for (const [connectionId, own] of Map.groupBy(fresh, (row) => row.integration_id))
    await noteOutgoing(
      tx,
      { orgId, connectionId },
      own.map(({ id }) => ({ type: TIMELINE_TYPE, localId: id, isUrgent })),
      at,
    )
  return made
}
