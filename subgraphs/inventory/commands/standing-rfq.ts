import { isId } from '#kernel/ids.ts'
import { type StaleRefusal, stale } from '#service/refusal.ts'
import { takeTurnOf } from '#sync/checkpoint.ts'
import { type RfqRow, rfqsById } from '../store/rfqs.ts'
import type { Transaction } from '../store/transaction.ts'

/**
 * The request that is named, as it stands, and from here on nobody else changes requests of its connection until the transaction ends.
 * Whoever locks stock as well does so after this: nobody waits in a circle. Undefined when there is none.
 */
export const standingRfq = async (
  tx: Transaction,
  orgId: string,
  rfqId: string,
): Promise<RfqRow | undefined> => {
  const [named] = isId(rfqId) ? await rfqsById(tx, orgId, [rfqId]) : []
  if (!named) return undefined
  await takeTurnOf(tx, { connectionId: named.connectionId, type: 'rfqs' })
  const [rfq] = await rfqsById(tx, orgId, [rfqId])
  return rfq
}

/** Somebody has changed the request since it was read. Undefined when nobody has, or when that does not matter. */
export const staleRfq = (
  { version }: RfqRow,
  expectedVersion: number | null | undefined,
): StaleRefusal | undefined =>
  typeof expectedVersion === 'number' && expectedVersion !== version
    ? stale('The request for prices', version)
    : undefined
