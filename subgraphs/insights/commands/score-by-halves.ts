import { reasonOf } from '#events/parking.ts'
import { type Alarm, tellOperators } from '#service/alerts.ts'
import { triedAgainAt } from '../domain/setting-aside.ts'
import { type Due, takeDue } from '../store/customers.ts'
import { apart, countFailures, isOfItself, postpone } from '../store/set-aside.ts'
import { asTransaction, type Transaction } from '../store/transaction.ts'
import { judge } from './score-customers.ts'

interface Failed {
  customer: Due
  error: unknown
}

/** Whether judging a batch failed for one of its customers: then `scoreByHalves` finds out for which. */
export const isOfACustomer = isOfItself

/**
 * Judges a batch of which some customer cannot be judged: by halves, until that one is alone. It is set aside, so that the
 * others are judged and those behind them get their turn; it is tried again when its facts change, and now and then.
 * Operators are told once, when a customer is set aside for the first time since it was judged.
 * @returns how many were taken
 */
export const scoreByHalves = async (
  transaction: object,
  orgId: string,
  { alarm, limit }: { alarm: Alarm; limit: number },
): Promise<number> => {
  const tx = asTransaction(transaction)
  const now = alarm.clock.now()
  const due = await takeDue(tx, orgId, now, limit)
  const failed = await judgeHalves(tx, orgId, due, now)
  if (failed.length > 0) await setAside(tx, orgId, failed, alarm)
  return due.length
}

const judgeHalves = async (
  tx: Transaction,
  orgId: string,
  due: readonly Due[],
  now: Date,
): Promise<Failed[]> => {
  const [customer] = due
  if (!customer) return []
  const failure = await apart(tx, () => judge(tx, orgId, due, now))
  if (!failure) return []
  if (due.length === 1) return [{ customer, error: failure.error }]
  const half = Math.ceil(due.length / 2)
  const first = await judgeHalves(tx, orgId, due.slice(0, half), now)
  return [...first, ...(await judgeHalves(tx, orgId, due.slice(half), now))]
}

const setAside = async (
  tx: Transaction,
  orgId: string,
  failed: readonly Failed[],
  alarm: Alarm,
): Promise<void> => {
  const now = alarm.clock.now()
  const failures = failed.map(({ customer: { customerId }, error }) => ({
    customerId,
    reason: reasonOf(error),
  }))
  const counted = await countFailures(tx, orgId, failures, now)
  const until = failures.map(({ customerId }) => ({
    customerId,
    dueAt: triedAgainAt(counted.get(customerId) ?? 1, now),
  }))
  await postpone(tx, orgId, until)
  for (const [n, { customerId, reason }] of failures.entries())
    alarm.log.warn(
      { err: failed[n]?.error, orgId, customerId, reason, failures: counted.get(customerId) },
      'a customer could not be judged and is set aside',
    )
  const first = failures.filter(({ customerId }) => counted.get(customerId) === 1)
  if (first.length === 0) return
  await tellOperators(tx, alarm, [
    {
      event: 'customer.set-aside',
      orgId,
      subject: 'CUSTOMER',
      code: 'HUB_CUSTOMER_NOT_JUDGED',
      reason: `Customers could not be judged, the first of them ${first[0]?.customerId}: ${first[0]?.reason}.`,
      guidance:
        'The others are judged. The log names each that is set aside. It is judged again when its facts change, and by itself within an hour.',
      count: first.length,
    },
  ])
}
