// Lanczos' approximation with g = 7 and nine coefficients, as in W. H. Press et al., Numerical Recipes, 6.1: exact to about 15 digits.
const COEFFICIENTS = [
  0.999_999_999_999_809_9, 676.520_368_121_885_1, -1_259.139_216_722_402_8, 771.323_428_777_653_1,
  -176.615_029_162_140_6, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_572e-6,
  1.505_632_735_149_311_6e-7,
]
const HALF_LOG_TWO_PI = 0.918_938_533_204_672_8

/** The logarithm of Γ(x). @param x above 0 */
export const logGamma = (x: number): number => {
  // The approximation is for x ≥ 1: below, Γ(x) = Γ(x + 1) / x.
  if (x < 1) return logGamma(x + 1) - Math.log(x)
  const z = x - 1
  let series = COEFFICIENTS[0]!
  for (let n = 1; n < COEFFICIENTS.length; n++) series += COEFFICIENTS[n]! / (z + n)
  const t = z + 7.5
  return HALF_LOG_TWO_PI + (z + 0.5) * Math.log(t) - t + Math.log(series)
}

/** The logarithm of the beta function B(a, b). @param a above 0 @param b above 0 */
export const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b)
