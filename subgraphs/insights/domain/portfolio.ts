import type { Trend } from './course.ts'
import type { Flaw } from './flaw.ts'

/** Bands of scores, best first, with the score each begins at. */
export const bandsFrom = { THRIVING: 80, STEADY: 60, SHAKY: 40, POOR: 0 } as const
export type HealthBand = keyof typeof bandsFrom
export const bandNames = Object.keys(bandsFrom) as HealthBand[]

/** The band of a score. */
export const bandOf = (score: number): HealthBand => bandNames.find((band) => score >= bandsFrom[band])!

/** How scores are spread. */
export interface HealthDistribution {
  scored: number
  unscored: number
  mean: string | null
  median: string | null
  /** Best first. */
  bands: { band: HealthBand; customers: number }[]
  tens: number[]
  rising: number
  steady: number
  falling: number
}

/** Which customers are asked for. Scores are decimals, as text. */
export interface AskedFilter {
  minScore?: string | null | undefined
  maxScore?: string | null | undefined
  band?: HealthBand | null | undefined
  trend?: Trend | null | undefined
}

/** The same as the list is walked: by score in hundredths, both ends counted; null where it does not matter. */
export interface RankFilter {
  from: number | null
  to: number | null
  trend: Trend | null
}

const BEST = 10_000

const rankOf = (field: string, score: string | null | undefined): number | null | Flaw => {
  if (score === null || score === undefined) return null
  const number = Number(score)
  return number >= 0 && number <= 100 ? number * 100 : { field, problem: 'is a number from 0 to 100' }
}

/** @returns the filter, or what is wrong with it */
export const rankFilter = ({ minScore, maxScore, band, trend }: AskedFilter): RankFilter | Flaw => {
  const least = rankOf('filter.minScore', minScore)
  if (least !== null && typeof least === 'object') return least
  const most = rankOf('filter.maxScore', maxScore)
  if (most !== null && typeof most === 'object') return most
  const better = band ? bandNames[bandNames.indexOf(band) - 1] : undefined
  const lows = [least, band ? bandsFrom[band] * 100 : null].filter((rank) => rank !== null)
  const highs = [most, band ? (better ? bandsFrom[better] * 100 - 1 : BEST) : null].filter(
    (rank) => rank !== null,
  )
  return {
    from: lows.length > 0 ? Math.ceil(Math.max(...lows)) : null,
    // Who has no score is listed only when nobody asks for one.
    to: highs.length > 0 ? Math.floor(Math.min(...highs)) : lows.length > 0 ? BEST : null,
    trend: trend ?? null,
  }
}

/** Whether a text is a month, such as 2026-11. */
export const isMonth = (text: string): boolean => /^[1-9]\d{3}-(0[1-9]|1[0-2])$/.test(text)

/** How many months a month lies behind another. */
export const monthsBetween = (from: string, to: string): number => {
  const [first, last] = [from, to].map((month) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)))
  return last! - first!
}
