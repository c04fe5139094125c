import { noteOutgoing } from '#sync/outgoing.ts'
import { TIMELINE_TYPE } from '../domain/timeline.ts'
import { reviveTimeline } from '../store/timeline.ts'
import { asTransaction } from '../store/transaction.ts'

/** Has events of timelines written that were given up: they are no records, and known by our ids. */
export const writeTimelineAgain = async (
  raw: object,
  orgId: string,
  letters: readonly { connectionId: string; externalId: string }[],
  at: Date,
): Promise<void> => {
  const tx = asTransaction(raw)
  const ids = letters.map(({ externalId }) => externalId)
  await reviveTimeline(tx, orgId, ids)
  for (const [connectionId, own] of Map.groupBy(letters, (letter) => letter.connectionId))
    await noteOutgoing(
      tx,
      { orgId, connectionId },
      own.map(({ externalId }) => ({ type: TIMELINE_TYPE, localId: externalId, isUrgent: true })),
      at,
    )
}
