import { publish } from '#events/outbox.ts'
import { dayAfter, monthOf } from '../domain/months.ts'
import type { Night } from '../domain/nights.ts'
import { lessOf, sumOf } from '../domain/rating.ts'
import { spendOf } from '../domain/spend.ts'
import { type ToldDay, usageSummarised } from '../domain/telling-usage.ts'
import { type MonthUsage, monthUsage } from '../store/month-usage.ts'
import { calendarAt, lateAt, lockNight, noteProgress, progressOf } from '../store/nights.ts'
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
  // What was late until the last time may have come since: it began within those hours before that night, not before this one.
  const wanted = done ? await lateAt(tx, orgId, dayAfter(done.until)) : lateUntil
  const farthest = dayAfter(today, -FARTHEST_DAYS)
  const untold = await untoldDays(tx, orgId, { from: wanted < farthest ? farthest : wanted, to, limit: PAGE })
  if (untold.length > 0) {
    const each = new Map(
      untold.flatMap(({ ban, day }) => monthsAround(day).map((month) => [`${ban} ${month}`, { ban, month }])),
    )
    const months = await monthUsage(tx, orgId, { each: [...each.values()] }, { isByDay: true })
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

/** The months that a day may have hours in: where one was billed until amid a day, the rest of that day is in the next one. */
const monthsAround = (day: string): string[] => [
  ...new Set([dayAfter(day, -1), day, dayAfter(day)].map(monthOf)),
]

const toldOf = (untold: readonly UntoldDay[], months: readonly MonthUsage[]): ToldDay[] => {
  const known = new Map(months.map((month) => [`${month.ban} ${month.month}`, month]))
  return untold.map(({ ban, day }) => {
    const around = monthsAround(day).map((month) => known.get(`${ban} ${month}`)!)
    const totals = around.flatMap((month) => month.totals.filter((each) => each.day === day))
    const { calls, completed, seconds, messages } = spendOf({ ban, month: monthOf(day), terms: null, totals })
    const spent = around.flatMap((month) => {
      const [until, before] = [spendOf(month, day).spend, spendOf(month, dayAfter(day, -1)).spend]
      return until === null || before === null ? [] : [lessOf(until, before)]
    })
    const until = spendOf(known.get(`${ban} ${monthOf(day)}`)!, day)
    return {
      ...{ ban, day, calls, completed, seconds, messages, until },
      spend: until.spend === null ? null : sumOf(spent),
    }
  })
}
