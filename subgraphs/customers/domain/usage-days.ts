/**
 * What accounts use, day by day, as companies and timelines tell it.
 *
 * day    one of the organisation's time zone
 * month  the month that a company says the minutes and the spend of
 */
import Big from 'big.js'
import type { Tokens } from './timeline.ts'

/** What an account used on a day, as it was told. */
export interface UsageDayRow {
  ban: string
  /** As `YYYY-MM-DD`. */
  day: string
  calls: number
  completed_calls: number
  minutes: string
  messages: number
  spend: string | null
  currency: string | null
  /** Of an answered call, in seconds. */
  acd: string | null
  month_minutes: string
  month_spend: string | null
  observed_at: Date
}

/** Wherever on earth it is: what was yesterday at this moment in any time zone is over. */
const FARTHEST_WEST_MS = 36 * 3_600_000

/**
 * The month that is said now, as `YYYY-MM`: that of the newest day, or a later one once it has begun everywhere. Who uses nothing in a new
 * month stops saying what was used in the one before.
 */
export const monthOf = (usage: readonly { day: string }[], now: Date): string => {
  const surely = new Date(now.getTime() - FARTHEST_WEST_MS).toISOString().slice(0, 7)
  return [surely, ...usage.map(({ day }) => day.slice(0, 7))].sort().at(-1) ?? surely
}

const HOURS_BETWEEN = 25

/**
 * When usage may be written to a customer's companies: the first time a day is told at once, corrections of it not before the next day's
 * news had its turn. So each company is written once a day, however much is told. Undefined: it may be now.
 */
export const mayWriteAt = (
  newestDay: string,
  written: { day: string | null; at: Date | null },
  now: Date,
): Date | undefined => {
  if (written.day === null || written.at === null || newestDay > written.day) return undefined
  const next = new Date(written.at.getTime() + HOURS_BETWEEN * 3_600_000)
  return next <= now ? undefined : next
}

const shown = (value: Big, decimals: number): string => value.round(decimals).toFixed()

/** Whether nothing went on a day. @param rows of one day, one for each account */
export const isSilent = (rows: readonly UsageDayRow[]): boolean =>
  rows.every(({ calls, messages }) => calls === 0 && messages === 0)

/** A day of a company over all its accounts, as its timeline tells it. Pure. @param rows of one day, one for each account */
export const dailyTokens = (rows: readonly UsageDayRow[]): Tokens => {
  const total = (of: (row: UsageDayRow) => string | number) =>
    rows.reduce((all, row) => all.plus(of(row)), new Big(0))
  const [calls, completed] = [total((row) => row.calls), total((row) => row.completed_calls)]
  const answered = total((row) => new Big(row.acd ?? 0).times(row.completed_calls).toFixed())
  return {
    ban: rows
      .map(({ ban }) => ban)
      .sort()
      .join(', '),
    day: rows[0]?.day ?? '',
    calls_completed: completed.toFixed(),
    minutes_used: shown(
      total((row) => row.minutes),
      2,
    ),
    sms_sent: total((row) => row.messages).toFixed(),
    daily_spend: spent(rows),
    asr: calls.eq(0) ? 'no calls' : shown(completed.div(calls), 4),
    acd: completed.eq(0) ? 'no calls' : shown(answered.div(completed), 1),
  }
}

/** Amounts of one currency are added up; of several each is named. */
const spent = (rows: readonly UsageDayRow[]): string => {
  const known = rows.flatMap(({ spend, currency }) => (spend && currency ? [{ spend, currency }] : []))
  const sums = [...Map.groupBy(known, ({ currency }) => currency)].map(
    ([currency, all]) =>
      `${shown(
        all.reduce((sum, { spend }) => sum.plus(spend), new Big(0)),
        4,
      )} ${currency}`,
  )
  return sums.sort().join(', ') || 'not rated'
}
