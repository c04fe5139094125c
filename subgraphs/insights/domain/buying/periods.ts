import { DAY } from '../measuring.ts'
import type { Purchase } from './purchases.ts'

/** A month as a number: twelve times the year, and 0 for January. */
export const monthOf = (day: number): number => {
  const date = new Date(day * DAY)
  return date.getUTCFullYear() * 12 + date.getUTCMonth()
}

/** When a month begins. */
export const startOf = (month: number): Date => new Date(Date.UTC(Math.floor(month / 12), month % 12, 1))

/**
 * What was bought in each whole month behind the one of the first purchase: that one is left out, since there is a purchase in it by its
 * choice, and whoever buys seldom would always seem to buy less than at first.
 * @returns up to the last month that is over, oldest first, and the first of them; at most `most`
 */
export const wholeMonths = (
  list: readonly Purchase[],
  asOf: Date,
  most: number,
): { first: number; totals: number[] } => {
  const now = monthOf(Math.floor(asOf.getTime() / DAY))
  const first = Math.max(monthOf(list[0]!.day) + 1, now - most)
  const totals = new Array<number>(Math.max(0, now - first)).fill(0)
  for (const { day, amount } of list) {
    const month = monthOf(day) - first
    if (month >= 0 && month < totals.length) totals[month]! += amount ?? 0
  }
  return { first, totals }
}

/** Threes of months added up, the newest three together. @param totals oldest first */
export const inQuarters = (totals: readonly number[]): number[] => {
  const whole = totals.slice(totals.length % 3)
  return Array.from(
    { length: whole.length / 3 },
    (_, n) => whole[3 * n]! + whole[3 * n + 1]! + whole[3 * n + 2]!,
  )
}
