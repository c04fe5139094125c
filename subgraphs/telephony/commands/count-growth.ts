import { lastDayOf, monthAfter, monthOf } from '../domain/months.ts'
import type { Night } from '../domain/nights.ts'
import { countGrowth } from '../store/growth.ts'
import { calendarAt, isMrrKept, lockNight, noteProgress, progressOf } from '../store/nights.ts'
import type { Transaction } from '../store/transaction.ts'

/**
 * Adds up how accounts came, grew, shrank and left in a month, three days after it ended; each month once.
 * @returns whether there is more
 */
export const growMonths = async (tx: Transaction, { orgId, clock }: Night): Promise<boolean> => {
  await lockNight(tx, orgId, 'GROWTH')
  const over = monthOf((await calendarAt(tx, orgId, clock.now())).lateUntil)
  const done = await progressOf(tx, orgId, 'GROWTH')
  const month = done ? monthAfter(monthOf(done.until)) : monthAfter(over, -1)
  if (month >= over || !(await isMrrKept(tx, orgId, lastDayOf(month)))) return false
  await countGrowth(tx, orgId, month)
  await noteProgress(tx, orgId, 'GROWTH', {
    until: lastDayOf(month),
    afterBan: null,
  })
  return true
}
