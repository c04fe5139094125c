// Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17: off by less than 7.5e-8.
const B = [0.319_381_53, -0.356_563_782, 1.781_477_937, -1.821_255_978, 1.330_274_429]
const ROOT_TWO_PI = Math.sqrt(2 * Math.PI)

/** How likely a standard normal variable is at most z. */
export const normalBelow = (z: number): number => {
  if (z < 0) return 1 - normalBelow(-z)
  const t = 1 / (1 + 0.231_641_9 * z)
  const tail = B.reduceRight((sum, b) => (sum + b) * t, 0)
  return 1 - (Math.exp((-z * z) / 2) / ROOT_TWO_PI) * tail
}

/** How likely chance gives a standard normal variable this far from 0 on either side. */
export const beyondNormal = (z: number): number => Math.min(1, 2 * (1 - normalBelow(Math.abs(z))))

// P. J. Acklam's rational approximation of the inverse: off by less than 1.15e-9 of the value.
const CENTRE = [
  [
    -39.696_830_286_653_76, 220.946_098_424_520_5, -275.928_510_446_968_7, 138.357_751_867_269,
    -30.664_798_066_147_16, 2.506_628_277_459_239,
  ],
  [
    -54.476_098_798_224_06, 161.585_836_858_040_9, -155.698_979_859_886_6, 66.801_311_887_719_72,
    -13.280_681_552_885_72, 1,
  ],
] as const
const TAIL = [
  [
    -0.007_784_894_002_430_293, -0.322_396_458_041_136_5, -2.400_758_277_161_838, -2.549_732_539_343_734,
    4.374_664_141_464_968, 2.938_163_982_698_783,
  ],
  [0.007_784_695_709_041_462, 0.322_467_129_070_039_8, 2.445_134_137_142_996, 3.754_408_661_907_416, 1],
] as const
const TAIL_BELOW = 0.024_25

const polynomial = (coefficients: readonly number[], x: number): number =>
  coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0)

/** The value that a standard normal variable is below with this probability. @param p above 0, below 1 */
export const normalQuantile = (p: number): number => {
  if (p > 0.5) return -normalQuantile(1 - p)
  if (p < TAIL_BELOW) {
    const q = Math.sqrt(-2 * Math.log(p))
    return polynomial(TAIL[0], q) / polynomial(TAIL[1], q)
  }
  const q = p - 0.5
  return (q * polynomial(CENTRE[0], q * q)) / polynomial(CENTRE[1], q * q)
}
