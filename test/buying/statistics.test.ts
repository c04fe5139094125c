import { describe, expect, it } from 'vitest'
import { aboveF, incompleteBeta } from '#subgraphs/insights/domain/statistics/beta.ts'
import { standardErrors } from '#subgraphs/insights/domain/statistics/curvature.ts'
import { friedman } from '#subgraphs/insights/domain/statistics/friedman.ts'
import { logBeta, logGamma } from '#subgraphs/insights/domain/statistics/gamma.ts'
import { minimise, settle } from '#subgraphs/insights/domain/statistics/minimise.ts'
import { beyondNormal, normalBelow, normalQuantile } from '#subgraphs/insights/domain/statistics/normal.ts'
import { median, quantile, shareBelow } from '#subgraphs/insights/domain/statistics/quantiles.ts'
import { wilson } from '#subgraphs/insights/domain/statistics/share.ts'
import { seasonalSlope, theilSen, trendByChance } from '#subgraphs/insights/domain/statistics/slope.ts'

describe('special functions', () => {
  it('give factorials, and the roots of π, to twelve digits', () => {
    let factorial = 1
    for (let n = 1; n <= 20; n++) {
      expect(Math.exp(logGamma(n)) / factorial).toBeCloseTo(1, 12)
      factorial *= n
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 12)
    // Γ(x + 1) = x · Γ(x), also where it is large and where it is near its pole.
    for (const x of [1e-6, 0.3, 7.7, 123.4, 5e5])
      expect((logGamma(x + 1) - logGamma(x)) / Math.log(x)).toBeCloseTo(1, 7)
    expect(Math.exp(logBeta(2, 3))).toBeCloseTo(1 / 12, 12)
  })

  it('give the incomplete beta function where its value is known', () => {
    // I(x; 1, 1) = x, I(x; 2, 2) = 3x² − 2x³, and by symmetry I(½; a, a) = ½.
    for (const x of [0.01, 0.2, 0.5, 0.77, 0.99]) {
      expect(incompleteBeta(x, 1, 1)).toBeCloseTo(x, 12)
      expect(incompleteBeta(x, 2, 2)).toBeCloseTo(3 * x * x - 2 * x ** 3, 12)
    }
    for (const a of [0.3, 1, 8, 250]) expect(incompleteBeta(0.5, a, a)).toBeCloseTo(0.5, 12)
  })

  it('give the bounds of F and of the normal distribution that tables print', () => {
    for (const [f, m, n, p] of [
      [4.9646, 1, 10, 0.05],
      [3.0984, 3, 20, 0.05],
      [2.8179, 11, 11, 0.05],
      [4.4624, 11, 11, 0.01],
    ] as const)
      expect(aboveF(f, m, n)).toBeCloseTo(p, 4)
    expect(normalBelow(1.959_964)).toBeCloseTo(0.975, 6)
    expect(beyondNormal(-2.575_829)).toBeCloseTo(0.01, 6)
    for (const p of [1e-6, 0.01, 0.3, 0.5, 0.9, 0.999])
      expect(normalBelow(normalQuantile(p))).toBeCloseTo(p, 6)
  })
})

describe('what is found by trying', () => {
  it('is the least of a crooked valley, and how sharply it is known', () => {
    const valley = ([x, y]: readonly number[]) => (1 - x!) ** 2 + 100 * (y! - x! * x!) ** 2
    const least = settle(minimise(valley, [-1.2, 1]))
    expect(least.isSettled).toBe(true)
    expect(least.at[0]).toBeCloseTo(1, 3)
    expect(least.at[1]).toBeCloseTo(1, 3)
    // Minus the logarithm of a normal likelihood: its standard deviations are 2 and 5, and the two hang together.
    const bell = ([x, y]: readonly number[]) => {
      const [u, v] = [x! / 2, y! / 5]
      return (u * u - 2 * 0.6 * u * v + v * v) / (2 * (1 - 0.36))
    }
    const errors = standardErrors(bell, [0, 0])!
    expect(errors[0]).toBeCloseTo(2, 5)
    expect(errors[1]).toBeCloseTo(5, 5)
    // On a slope nothing is known.
    expect(standardErrors(([x, y]) => x! + y!, [0, 0])).toBeNull()
  })

  it('keeps out of where it must not go, and lets others have the thread between steps', () => {
    const steps = minimise(([x]) => (x! < 3 ? Number.POSITIVE_INFINITY : x!), [5])
    expect(steps.next().done).toBe(false)
    expect(settle(steps).at[0]).toBeCloseTo(3, 3)
  })
})

describe('tests that ranks decide', () => {
  it('Friedman’s, on the example of Hollander and Wolfe: three ways to round first base', () => {
    const times = [
      [5.4, 5.5, 5.55],
      [5.85, 5.7, 5.75],
      [5.2, 5.6, 5.5],
      [5.55, 5.5, 5.4],
      [5.9, 5.85, 5.7],
      [5.45, 5.55, 5.6],
      [5.4, 5.4, 5.35],
      [5.45, 5.5, 5.35],
      [5.25, 5.15, 5],
      [5.85, 5.8, 5.7],
      [5.25, 5.2, 5.1],
      [5.65, 5.55, 5.45],
      [5.6, 5.35, 5.45],
      [5.05, 5, 4.95],
      [5.5, 5.5, 5.4],
      [5.45, 5.55, 5.5],
      [5.55, 5.55, 5.35],
      [5.45, 5.5, 5.55],
      [5.5, 5.45, 5.25],
      [5.65, 5.6, 5.4],
      [5.7, 5.65, 5.55],
      [6.3, 6.3, 6.25],
    ]
    const { p, z } = friedman(times)
    // χ² is 11.14 with ties: by Iman and Davenport F = 7.1 with 2 and 42 degrees of freedom.
    expect(p).toBeGreaterThan(0.001)
    expect(p).toBeLessThan(0.004)
    expect(z[2]).toBeLessThan(-2)
    expect(
      friedman([
        [1, 1, 1],
        [2, 2, 2],
      ]),
    ).toEqual({ p: 1, z: [0, 0, 0] })
  })

  it('Mann and Kendall’s, with and without ties', () => {
    // S = 45 of ten rising values: z = 44 / √125 = 3.935.
    expect(trendByChance([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toBeCloseTo(8.3e-5, 5)
    expect(trendByChance([3, 1, 2, 2, 1, 3])).toBe(1)
    expect(trendByChance([0, 0, 0, 0])).toBe(1)
    // S = 10, variance (300 − 18) / 18 with three equals among six: z = 9 / √(…).
    expect(trendByChance([1, 1, 1, 2, 3, 4])).toBeCloseTo(
      beyondNormal(11 / Math.sqrt((6 * 5 * 17 - 3 * 2 * 11) / 18)),
      12,
    )
  })

  it('slopes are not moved by wild values, nor by seasons', () => {
    const line = Array.from({ length: 24 }, (_, n) => 5 + 2 * n)
    expect(theilSen(line.map((y, n) => (n % 6 === 0 ? 1e6 : y)))).toBeCloseTo(2, 6)
    expect(
      seasonalSlope(
        line.map((y, n) => y + (n % 12) ** 2 * 100),
        12,
      ),
    ).toBeCloseTo(2, 6)
  })
})

describe('counts and shares', () => {
  it('quantiles lie between neighbours', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5)
    expect(quantile([1, 2, 3, 4], 1)).toBe(4)
    expect(median([9, 1, 5])).toBe(5)
    const deciles = [10, 20, 30, 40, 50, 60, 70, 80, 90]
    expect([0, 5, 10, 35, 90, 400].map((value) => shareBelow(deciles, value))).toEqual([
      0, 0.05, 0.1, 0.35, 0.9, 0.9,
    ])
  })

  it('Wilson’s interval of 81 of 263, as he gives it for 95 of 100 cases', () => {
    const { low, high } = wilson(81, 263, 1.959_964)
    expect(low).toBeCloseTo(0.2553, 4)
    expect(high).toBeCloseTo(0.3662, 4)
    expect(wilson(0, 10).low).toBe(0)
  })
})
