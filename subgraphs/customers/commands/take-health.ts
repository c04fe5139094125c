import type { LoggedEvent } from '#events/log.ts'
import { isId } from '#kernel/ids.ts'
import { readEvent } from '#schema/events.ts'
import { setHealth } from '../store/customers.ts'
import { asTransaction } from '../store/transaction.ts'

/** Copies health scores in, to filter and order by: one statement per batch. */
export const takeHealth = async (
  tx: object,
  orgId: string,
  events: readonly LoggedEvent[],
): Promise<void> => {
  const told = events.map((each) => readEvent('insights.health.changed', each.version, each.payload))
  const last = new Map(
    told.filter(({ customerId }) => isId(customerId)).map((each) => [each.customerId, each]),
  )
  const scores = [...last.values()].map(({ customerId, score, asOf }) => ({
    id: customerId,
    score,
    as_of: asOf,
  }))
  await setHealth(asTransaction(tx), orgId, scores)
}
