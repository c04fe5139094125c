import { publish } from '#events/outbox.ts'
import { dayAfter, monthOf } from '../domain/months.ts'
import type { Night } from '../domain/nights.ts'
import { lessOf } from '../domain/rating.ts'
import { spendOf } from '../domain/spend.ts'
import { type ToldDay, usageSummarised } from '../domain/telling-usage.ts'
import { type MonthUsage, monthUsage } from '../store/month-usage.ts'
import { calendarAt, lockNight, noteProgress, progressOf } from '../store/nights.ts'
import type { Transaction } from '../store/transaction.ts'
import { noteTold, type UntoldDay, untoldDays } from '../store/usage-told.ts'

const PAGE = 500
/** Of days longer ago nobody is told for the first time, such as when years are brought over. */
const FARTHEST_DAYS = 31

/**
 * Tells what accounts used on days that are over, once a night: of each account-day once, and once more on a later night when records
 * that came late have changed it. The month until then, of days told before, is told anew with the next day.
 * @returns whether there is more
 */
export const summariseUsage = async (tx: Transaction, { orgId, clock }: Night): Promise<boolean> => {
  await lockNight(tx, orgId, 'USAGE')
  const at = clock.now()
  const { today, lateUntil } = await calendarAt(tx, orgId, at)
  const to = dayAfter(today, -1)
  const done = await progressOf(tx, orgId, 'USAGE')
  if (done && done.until >= to) return false
  const next = done ? dayAfter(done.until) : lateUntil
  const wanted = next < lateUntil ? next : lateUntil
  const farthest = dayAfter(today, -FARTHEST_DAYS)
  const untold = await untoldDays(tx, orgId, { from: wanted < farthest ? farthest : wanted, to, limit: PAGE })
  if (untold.length > 0) {
    const each = [...new Map(untold.map((one) => [`${one.ban} ${monthOf(one.day)}`, one])).values()]
    const months = await monthUsage(
      tx,
      orgId,
      { each: each.map(({ ban, day }) => ({ ban, month: monthOf(day) })) },
      { isByDay: true },
    )
    await noteTold(tx, orgId, untold, at)
    await publish(
      tx,
      orgId,
      toldOf(untold, months).map((day) => usageSummarised(day, at)),
      at,
    )
  }
  if (untold.length === PAGE) return true
  await noteProgress(tx, orgId, 'USAGE', { until: to, afterBan: null })
  return false
}

const toldOf = (untold: readonly UntoldDay[], months: readonly MonthUsage[]): ToldDay[] => {
  const known = new Map(months.map((month) => [`${month.ban} ${month.month}`, month]))
  return untold.map(({ ban, day }) => {
    const month = known.get(`${ban} ${monthOf(day)}`)!
    const { calls, completed, seconds, messages } = spendOf({
      ...month,
      terms: null,
      totals: month.totals.filter((each) => each.day === day),
    })
    const until = spendOf(month, day)
    const before = spendOf(month, dayAfter(day, -1))
    return {
      ...{ ban, day, calls, completed, seconds, messages, until },
      spend: until.spend === null || before.spend === null ? null : lessOf(until.spend, before.spend),
    }
  })
}
