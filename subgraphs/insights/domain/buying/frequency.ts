import { quantile } from '../statistics/quantiles.ts'
import type { Purchase } from './purchases.ts'

export type FrequencyClass =
  | 'WEEKLY'
  | 'BIWEEKLY'
  | 'MONTHLY'
  | 'QUARTERLY'
  | 'HALF_YEARLY'
  | 'YEARLY'
  | 'RARE'
  | 'IRREGULAR'
  | 'SINGLE'

/** Up to how many days from one purchase to the next: the geometric means between 7, 14, 30.4, 91, 182 and 365 days, and 18 months. */
const CLASSES = [
  ['WEEKLY', 10],
  ['BIWEEKLY', 20],
  ['MONTHLY', 53],
  ['QUARTERLY', 129],
  ['HALF_YEARLY', 258],
  ['YEARLY', 548],
] as const

/** From so many times between purchases on their middle half is spoken of. */
const GAPS_TO_COMPARE = 3
/** Below it one word does not fit: the middle half of the times differ by more than their median. */
const LEAST_REGULAR = 0.5

export interface Frequency {
  class: FrequencyClass
  /** Null after a single purchase. */
  medianDays: number | null
  /** 1 − (q₃ − q₁) / (2 · median) of the days between purchases, not below 0; null for too few. */
  regularity: number | null
}

/** Days from each purchase to the next, smallest first. @param list oldest first, one for each day */
export const gapsOf = (list: readonly Purchase[]): number[] =>
  list
    .slice(1)
    .map(({ day }, n) => day - list[n]!.day)
    .sort((a, b) => a - b)

/** How often somebody buys. @param gaps as `gapsOf` gives them */
export const frequencyOf = (gaps: readonly number[]): Frequency => {
  if (gaps.length === 0) return { class: 'SINGLE', medianDays: null, regularity: null }
  const middle = quantile(gaps, 0.5)
  const regularity =
    gaps.length < GAPS_TO_COMPARE
      ? null
      : Math.max(0, 1 - (quantile(gaps, 0.75) - quantile(gaps, 0.25)) / (2 * middle))
  const named = CLASSES.find(([, most]) => middle <= most)?.[0] ?? 'RARE'
  return {
    class: regularity !== null && regularity < LEAST_REGULAR ? 'IRREGULAR' : named,
    medianDays: Math.round(middle * 10) / 10,
    regularity: regularity === null ? null : Math.round(regularity * 100) / 100,
  }
}
