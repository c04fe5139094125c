import { beyondNormal } from './normal.ts'
import { median, quantile } from './quantiles.ts'

/**
 * The slope of Theil and Sen (P. K. Sen, Journal of the American Statistical Association 63, 1968): the median of the slopes between
 * all pairs. Nearly a third of the values may be wild without moving it far.
 * @param values at least two
 * @param at where each lies, rising; at equal distances of 1 when left out
 * @returns change from one place to the next
 */
export const theilSen = (values: readonly number[], at?: readonly number[]): number => {
  const slopes = new Float64Array((values.length * (values.length - 1)) / 2)
  let filled = 0
  for (let j = 1; j < values.length; j++)
    for (let i = 0; i < j; i++) slopes[filled++] = (values[j]! - values[i]!) / (at ? at[j]! - at[i]! : j - i)
  return quantile(slopes.sort(), 0.5)
}

/**
 * The same where values have seasons: the median of the slopes between values of one season (R. M. Hirsch, J. R. Slack and R. A. Smith, Water Resources
 * Research 18, 1982). What comes back every year is not taken for a slope.
 * @param values at equal distances, two of each season at least
 * @param seasons how many there are, such as 12
 * @returns change from one to the next
 */
export const seasonalSlope = (values: readonly number[], seasons: number): number => {
  const slopes: number[] = []
  for (let i = 0; i < values.length; i++)
    for (let j = i + seasons; j < values.length; j += seasons)
      slopes.push((values[j]! - values[i]!) / (j - i))
  return median(slopes)
}

/**
 * The test of Mann and Kendall for a trend (M. G. Kendall, Rank Correlation Methods, 1975), with the correction for ties and for continuity.
 * @param values in order of time
 * @returns how likely chance alone gives as clear a rise or fall, 0 to 1
 */
export const trendByChance = (values: readonly number[]): number => {
  const n = values.length
  let score = 0
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) score += Math.sign(values[j]! - values[i]!)
  if (score === 0) return 1
  const ties = new Map<number, number>()
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1)
  const spread = (count: number) => count * (count - 1) * (2 * count + 5)
  const tied = [...ties.values()].reduce((total, count) => total + spread(count), 0)
  const variance = (spread(n) - tied) / 18
  return variance > 0 ? beyondNormal(Math.max(0, Math.abs(score) - 1) / Math.sqrt(variance)) : 1
}
