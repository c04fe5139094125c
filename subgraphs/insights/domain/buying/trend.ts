import { theilSen, trendByChance } from '../statistics/slope.ts'
import { inQuarters } from './periods.ts'

export interface Trend {
  direction: 'INCREASING' | 'STEADY' | 'DECREASING'
  /** Null when steady. */
  percentPerYear: number | null
  periods: number
  grain: 'MONTH' | 'QUARTER'
  /** How likely chance alone shows as much. */
  p: number
}

/** Who buys less often than this is compared quarter by quarter: most months would be empty. */
const MONTHLY_UP_TO_DAYS = 45
const FEWEST = 8
const BY_CHANCE = 0.05

/** How far back it is looked: two years of months, or five of quarters. */
export const monthsCompared = (medianDays: number): number => (medianDays <= MONTHLY_UP_TO_DAYS ? 24 : 60)

/**
 * Whether somebody buys for more or for less than before: by the test of Mann and Kendall, and how much by the slope of Theil and Sen.
 * @param totals of whole months, oldest first
 * @returns null for fewer than eight months, or quarters, or when nothing was bought in them
 */
export const trendOf = (totals: readonly number[], medianDays: number): Trend | null => {
  const grain = medianDays <= MONTHLY_UP_TO_DAYS ? 'MONTH' : 'QUARTER'
  const values = grain === 'MONTH' ? totals : inQuarters(totals)
  const mean = values.reduce((t, value) => t + value, 0) / values.length
  if (values.length < FEWEST || !(mean > 0)) return null
  const p = trendByChance(values)
  const perYear = p < BY_CHANCE ? theilSen(values) * (grain === 'MONTH' ? 12 : 4) : 0
  const isMoving = perYear !== 0
  return {
    direction: !isMoving ? 'STEADY' : perYear > 0 ? 'INCREASING' : 'DECREASING',
    percentPerYear: isMoving ? Math.round((100 * perYear) / mean) : null,
    ...{ periods: values.length, grain, p },
  }
}
