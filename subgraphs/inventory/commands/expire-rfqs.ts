import { takeTurnOf } from '#sync/checkpoint.ts'
import { dueRfqs, noteExpired } from '../store/due-rfqs.ts'
import type { Transaction } from '../store/transaction.ts'
import { type Deciding, decideRfq } from './decide-rfq.ts'

/** So many at a time: C3 is told of each. */
const MOST = 100

/**
 * Lets requests expire whose date has passed since the hub knows them: an open one when nobody has answered until its date, a quoted one
 * when its prices hold no longer. Each once for its date: what C3 opens again stays open until it has another date. Safe to repeat.
 * @returns how many have expired
 */
export const expireRfqs = async (
  tx: Transaction,
  deciding: Omit<Deciding, 'by' | 'action' | 'principal'>,
  connectionId: string,
): Promise<number> => {
  const { orgId, clock } = deciding
  await takeTurnOf(tx, { connectionId, type: 'rfqs' })
  const due = await dueRfqs(tx, orgId, { connectionId, at: clock.now(), limit: MOST })
  const by = { principal: { kind: 'system', id: 'system:clock' }, by: 'HUB', action: 'expireRfq' } as const
  let expired = 0
  for (const { dueDate, ...rfq } of due) {
    if (await decideRfq(tx, { ...deciding, ...by }, rfq, { to: 'EXPIRED' })) continue
    expired += 1
  }
  await noteExpired(
    tx,
    orgId,
    due.map(({ id, dueDate }) => ({ id, dueDate })),
  )
  return expired
}
