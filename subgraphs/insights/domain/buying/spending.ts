/**
 * What a purchase is worth: the gamma-gamma model (P. Fader and B. Hardie, "The Gamma-Gamma Model of Monetary Value", 2013). A customer's purchases
 * vary around a value of its own, and these vary from customer to customer. It takes how much and how often to have nothing to do with each
 * other: `dependence` measures that.
 */
import { logGamma } from '../statistics/gamma.ts'
import { normalQuantile } from '../statistics/normal.ts'
import type { Expected } from './repeat-buying.ts'

/** What a customer has spent so far. */
export interface Spent {
  purchases: number
  /** Of a purchase, above 0. */
  mean: number
}

export interface Spending {
  /** Shape of a customer's purchases. */
  p: number
  /** Shape and scale of how customers differ. */
  q: number
  gamma: number
}

/** The logarithm of how likely the model gives what was spent (equation 1a of the note). */
export const logLikelihoodOfSpent =
  ({ p, q, gamma }: Spending) =>
  ({ purchases, mean }: Spent): number => {
    const shape = p * purchases
    return (
      logGamma(shape + q) -
      logGamma(shape) -
      logGamma(q) +
      q * Math.log(gamma) +
      (shape - 1) * Math.log(mean) +
      shape * Math.log(purchases) -
      (shape + q) * Math.log(gamma + purchases * mean)
    )
  }

/** The correlation of how often and how much, of customers that bought more than once, both as logarithms: −1 to 1. */
export const dependence = (spent: readonly Spent[]): number => {
  const points = spent.map(({ purchases, mean }) => [Math.log(purchases), Math.log(mean)] as const)
  const mean = (of: 0 | 1) => points.reduce((t, point) => t + point[of], 0) / points.length
  const [x, y] = [mean(0), mean(1)]
  const sums = points.reduce(
    (t, [px, py]) => ({ xx: t.xx + (px - x) ** 2, yy: t.yy + (py - y) ** 2, xy: t.xy + (px - x) * (py - y) }),
    { xx: 0, yy: 0, xy: 0 },
  )
  return sums.xx > 0 && sums.yy > 0 ? sums.xy / Math.sqrt(sums.xx * sums.yy) : 0
}

export interface Predicted {
  expected: number
  low: number
  high: number
}

/** Left out on either side of an interval. */
const OUTSIDE = 0.1

/**
 * What will be spent, given how often somebody will buy. The mean is exact (equation 5 of the note); the interval has the exact chance of
 * no purchase at all, and above it a log-normal distribution of the exact mean and variance.
 * @returns null when the variance cannot be known: so little is known of the customer, and customers differ so much
 */
export const predictSpend = (
  { p, q, gamma }: Spending,
  { purchases, mean }: Spent,
  bought: Expected,
): Predicted | null => {
  const shape = q + p * purchases
  const scale = gamma + purchases * mean
  if (shape <= 2) return null
  const expected = (bought.mean * p * scale) / (shape - 1)
  const square = ((p * p * bought.square + p * bought.mean) * scale * scale) / ((shape - 1) * (shape - 2))
  const some = 1 - bought.none
  if (!(some > NOTHING) || !(expected > 0)) return { expected, low: 0, high: 0 }
  const [first, second] = [expected / some, square / some]
  const spread = Math.sqrt(Math.max(0, Math.log(second / (first * first))))
  const middle = Math.log(first) - (spread * spread) / 2
  const at = (share: number) =>
    share <= bought.none ? 0 : Math.exp(middle + spread * normalQuantile((share - bought.none) / some))
  return { expected, low: at(OUTSIDE), high: at(1 - OUTSIDE) }
}
const NOTHING = 1e-9
