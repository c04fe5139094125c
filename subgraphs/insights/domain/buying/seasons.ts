import { friedman } from '../statistics/friedman.ts'
import { seasonalSlope } from '../statistics/slope.ts'

export interface Seasons {
  isSeasonal: boolean
  /** Each with what is bought then in a hundred of the average: `[12, 240]`. */
  months: [number, number][]
  quarters: [number, number][]
  years: number
  /** How likely chance alone shows as much. */
  p: number
}

const YEARS_NEEDED = 2
const MOST_YEARS = 5
/** Who buys less often than this cannot be told from somebody who buys at any time. */
const PURCHASES_NEEDED = 12
/**
 * All tests together are to be wrong in 5 of 100 cases at most. F is only nearly the distribution of so few years: series without a season show
 * (`npm run bench -- statistics`) that this keeps to it.
 */
const BY_CHANCE = 0.02
/** Of two years' quarters one in 24 agrees wholly by chance: they say nothing. */
const YEARS_FOR_QUARTERS = 3
/** How far a month's mean rank is from the middle to be named, in standard deviations: 1 in 20 on its side. Only behind a test that spoke. */
const STANDS_OUT = 1.645

export const monthsForSeasons = MOST_YEARS * 12

/**
 * Whether somebody buys more or less at certain times of the year, by Friedman's test with years as blocks. What it grows or shrinks by
 * steadily is taken off before: else the last months of every year would be its best.
 * @param totals of whole months, oldest first; whole years up to the newest are compared
 * @param first the month of the first, as `monthOf` numbers it
 * @param purchases how many there are
 * @returns null for fewer than 24 months, too few purchases, or when a year has nothing in it
 */
export const seasonsOf = (totals: readonly number[], first: number, purchases: number): Seasons | null => {
  const years = Math.min(MOST_YEARS, Math.floor(totals.length / 12))
  if (years < YEARS_NEEDED || purchases < PURCHASES_NEEDED) return null
  const newest = totals.slice(-12 * years)
  const slope = seasonalSlope(newest, 12)
  const level = newest.map((total, n) => total - slope * (n - (newest.length - 1) / 2))
  const start = first + totals.length - newest.length
  const isEmpty = (year: number) => newest.slice(12 * year, 12 * year + 12).every((total) => total === 0)
  if (Array.from({ length: years }, (_, year) => year).some(isEmpty)) return null
  // By calendar month, whichever month a year of theirs begins with.
  const blocks = Array.from({ length: years }, (_, year) => {
    const block = new Array<number>(12)
    for (let n = 0; n < 12; n++) block[(start + n) % 12] = level[12 * year + n]!
    return block
  })
  const quarterly = blocks.map((block) => [0, 3, 6, 9].map((n) => block[n]! + block[n + 1]! + block[n + 2]!))
  const tests = years < YEARS_FOR_QUARTERS ? 1 : 2
  const months = standingOut(blocks, BY_CHANCE / tests)
  const quarters = tests === 1 ? NOT_TESTED : standingOut(quarterly, BY_CHANCE / tests)
  return {
    isSeasonal: months.isFound || quarters.isFound,
    ...{ months: months.found, quarters: quarters.found, years },
    p: Math.min(1, tests * Math.min(months.p, quarters.p)),
  }
}

interface Tested {
  p: number
  isFound: boolean
  found: [number, number][]
}
const NOT_TESTED: Tested = { p: 1, isFound: false, found: [] }

const standingOut = (blocks: readonly (readonly number[])[], byChance: number): Tested => {
  const { p, z } = friedman(blocks)
  if (p >= byChance) return { p, isFound: false, found: [] }
  const sums = z.map((_, n) => blocks.reduce((t, block) => t + block[n]!, 0))
  const mean = sums.reduce((t, sum) => t + sum, 0) / sums.length
  return {
    p,
    isFound: true,
    found: z.flatMap((far, n): [number, number][] =>
      Math.abs(far) > STANDS_OUT ? [[n + 1, Math.round((100 * sums[n]!) / mean)]] : [],
    ),
  }
}
