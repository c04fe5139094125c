import { logBeta } from './gamma.ts'

const TERMS = 300
const CLOSE = 1e-15
const TINY = 1e-300

/** The continued fraction of the incomplete beta function, by Lentz' method: Press et al., Numerical Recipes, 6.4. */
const fraction = (x: number, a: number, b: number): number => {
  const away = (value: number): number => (Math.abs(value) < TINY ? TINY : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let result = d
  for (let m = 1; m <= TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    result *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    result *= d * c
    if (Math.abs(d * c - 1) < CLOSE) break
  }
  return result
}

/** The regularised incomplete beta function Iₓ(a, b): how likely a beta variable is at most x. @param x 0 to 1 */
export const incompleteBeta = (x: number, a: number, b: number): number => {
  if (x <= 0) return 0
  if (x >= 1) return 1
  const front = Math.exp(a * Math.log(x) + b * Math.log(1 - x) - logBeta(a, b))
  // The fraction converges fast on one side of the mean; the other one is its mirror.
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(1 - x, b, a)) / b
}

/** How likely chance gives an F at least this large. @param f not below 0 @param m degrees of freedom above the line @param n below it */
export const aboveF = (f: number, m: number, n: number): number =>
  Number.isFinite(f) ? incompleteBeta(n / (n + m * f), n / 2, m / 2) : 0
