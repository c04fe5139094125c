import { byMidnight, type MonthOfDays, type MonthSpend, spendByDay, spendOf } from '../domain/spend.ts'
import { monthUsage } from './month-usage.ts'
import type { Transaction } from './transaction.ts'

const DAY_MS = 86_400_000

/**
 * What accounts have used and spent in the month that a moment falls into: one statement, however many accounts. Accounts without usage,
 * or without a rate plan, are there too.
 */
export const monthSpend = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  at: Date,
): Promise<Map<string, MonthSpend>> => {
  if (bans.length === 0) return new Map()
  const months = await monthUsage(tx, orgId, { bans, at })
  return new Map(months.map((each) => [each.ban, spendOf(each)]))
}

/**
 * What accounts have used and spent in months that they have no invoice for yet: the one that a moment falls into comes first, those that
 * ended before it follow. One statement, however many accounts.
 */
export const unbilledSpend = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  at: Date,
): Promise<Map<string, MonthSpend[]>> => {
  const months = await monthUsage(tx, orgId, { bans, unbilledAt: at })
  return Map.groupBy(months.map((each) => spendOf(each)).reverse(), ({ ban }) => ban)
}

/** What each day cost in the months from one moment until another, by account: one statement, however many accounts. */
export const daySpend = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  { from, to }: { from: Date; to: Date },
): Promise<Map<string, MonthOfDays[]>> => {
  // A day may be partly in the month before its own, or in the one after.
  const around = { from: new Date(from.getTime() - DAY_MS), to: new Date(to.getTime() + DAY_MS) }
  const months = await monthUsage(tx, orgId, { bans, ...around }, { isByDay: true })
  const days = months.map(({ ban, began, ended, ...month }) => ({
    ...{ ban, began, ended, currency: month.terms?.currency ?? null },
    byDay: byMidnight(spendByDay({ ban, ...month }), month.totals),
  }))
  return Map.groupBy(days, ({ ban }) => ban)
}
