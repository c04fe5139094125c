import type { Known } from './facts.ts'
import { DAY, type Measurement } from './measuring.ts'

const WINDOW_DAYS = 28
const LEAST_DAYS = 14
/** Fewer minutes say nothing. */
const LEAST_MINUTES = 100

/** By how much the minutes talked have changed, as a share of what they were: -0.4 is four tenths less. */
export interface UsageChange extends Measurement {
  before: number
  after: number
}

/**
 * The minutes of 28 days up to the last day that was told, against the 28 days before. By what was told, not by the calendar: a day that
 * has yet to be told is not a day of silence. Null with fewer than 14 days told of either, or when hardly anybody talked before.
 */
export const usageChange = (known: Known): UsageChange | null => {
  const accounts = known.series('usage-minutes')
  const last = accounts.reduce((latest, { days }) => {
    const day = days.at(-1)?.day ?? ''
    return day > latest ? day : latest
  }, '')
  if (last === '') return null
  const end = Date.parse(last)
  const [from, middle] = [end - 2 * WINDOW_DAYS * DAY, end - WINDOW_DAYS * DAY].map((ms) =>
    new Date(ms).toISOString().slice(0, 10),
  ) as [string, string]
  const told = { before: new Set<string>(), after: new Set<string>() }
  const minutes = { before: 0, after: 0 }
  for (const { days } of accounts)
    for (const { day, amount } of days) {
      if (day <= from || day > last) continue
      const window = day > middle ? 'after' : 'before'
      told[window].add(day)
      minutes[window] += amount
    }
  if (told.before.size < LEAST_DAYS || told.after.size < LEAST_DAYS || minutes.before < LEAST_MINUTES)
    return null
  return {
    ...minutes,
    value: (minutes.after - minutes.before) / minutes.before,
    sources: ['WARP'],
    observedAt: new Date(end + DAY),
    changesAt: null,
  }
}
