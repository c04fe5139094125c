/** How a customer buys: how often, for how much, whether it grows, and at which time of the year. */
import type { Method } from '../findings.ts'
import { DAY } from '../measuring.ts'
import { median } from '../statistics/quantiles.ts'
import { type Frequency, frequencyOf, gapsOf } from './frequency.ts'
import { monthOf, startOf, wholeMonths } from './periods.ts'
import { added, type Evidence, evidenceOf, type Purchases, purchasesOf } from './purchases.ts'
import { reliance } from './reliance.ts'
import { monthsForSeasons, type Seasons, seasonsOf } from './seasons.ts'
import { monthsCompared, type Trend, trendOf } from './trend.ts'

export interface Behaviour {
  frequency: Frequency & { confidence: number }
  /** Amounts as decimal texts. */
  value: {
    mean: string
    median: string
    currency: string
    purchases: number
    leftOut: number
    confidence: number
  } | null
  trend: (Omit<Trend, 'p'> & { confidence: number }) | null
  seasons: (Omit<Seasons, 'p'> & { confidence: number }) | null
  evidence: Evidence
}

/** What each part is worked out by, and in which version of it. */
export const BEHAVIOUR_METHODS = {
  frequency: 'median-interval@1',
  value: 'mean-and-median@1',
  trend: 'mann-kendall@1',
  seasons: 'friedman@1',
} as const

/** What stands for the days between purchases where there is one purchase alone: it is looked at as one that buys seldom. */
const SELDOM = 730

/** One of so many purchases may be left out where months are compared. */
const MOST_LEFT_OUT = 10

export const behaviour: Method<Behaviour> = {
  find: (known, { settings: { health } }) => {
    const bought = purchasesOf(known)
    if (!bought) return { value: null, dueAt: null }
    const relied = reliance(bought.systems.length, health.ceilings)
    const gaps = gapsOf(bought.list)
    const frequency = frequencyOf(gaps)
    const between = frequency.medianDays ?? SELDOM
    const far = Math.max(monthsCompared(between), monthsForSeasons)
    const { first, totals } = wholeMonths(bought.list, known.asOf, far)
    // Of purchases in another currency no amount is known: counted as nothing, they would read as a fall.
    const isComparable = bought.leftOut * MOST_LEFT_OUT <= bought.list.length
    const trend = isComparable ? trendOf(totals.slice(-monthsCompared(between)), between) : null
    const seasons = isComparable ? seasonsOf(totals, first, bought.list.length) : null
    return {
      value: {
        frequency: { ...frequency, confidence: relied.byCount(gaps.length) },
        value: worth(bought, relied.byCount),
        trend: trend && told(trend, relied.byTest(trend.p, trend.direction !== 'STEADY', trend.periods)),
        seasons: seasons && told(seasons, relied.byTest(seasons.p, seasons.isSeasonal, 4 * seasons.years)),
        evidence: evidenceOf(bought),
      },
      dueAt: nextCompared(bought, known.asOf, far),
    }
  },
}

const told = <T extends { p: number }>({ p: _, ...rest }: T, confidence: number) => ({ ...rest, confidence })

const worth = (
  { list, currency, leftOut }: Purchases,
  byCount: (count: number) => number,
): Behaviour['value'] => {
  const amounts = list.flatMap(({ amount }) => (amount === null ? [] : [amount]))
  if (currency === null || amounts.length === 0) return null
  return {
    mean: (added(amounts) / amounts.length).toFixed(2),
    median: median(amounts).toFixed(2),
    ...{ currency, purchases: amounts.length, leftOut, confidence: byCount(amounts.length) },
  }
}

/**
 * Whole months are compared: another begins, until the last purchase is farther back than any of them. In the month of the first purchase nothing is
 * compared: of who has bought in that one alone nothing ever moves.
 */
const nextCompared = ({ list }: Purchases, asOf: Date, months: number): Date | null => {
  const [first, last] = [list[0]!.day, list.at(-1)!.day]
  return monthOf(first) === monthOf(last) ? null : monthEnd(asOf, last, months)
}

/** When the next month begins; null when nothing is in any month that is looked at. */
export const monthEnd = (asOf: Date, lastDay: number, months: number): Date | null => {
  const now = monthOf(Math.floor(asOf.getTime() / DAY))
  return now - monthOf(lastDay) > months ? null : startOf(now + 1)
}
