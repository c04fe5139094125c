import { type Trend, trendOf } from './course.ts'
import { bandNames, bandOf, type HealthDistribution } from './portfolio.ts'
import { quantile } from './statistics/quantiles.ts'

/** A customer judged by two settings. */
export interface Tried {
  customerId: string
  before: number | null
  after: number | null
  /** Points in 30 days; null while nobody can say. */
  slope: number | null
}

/** How customers would be judged by other settings. */
export interface Simulated {
  before: HealthDistribution
  after: HealthDistribution
  crossed: number
  higher: number
  lower: number
  /** Those who would move most first. */
  movers: { customerId: string; from: number; to: number }[]
}

/** @param steadyWithin by both settings */
export const simulated = (
  tried: readonly Tried[],
  steadyWithin: { before: number; after: number },
): Simulated => {
  const spread = (when: 'before' | 'after') =>
    spreadOf(tried.map((one) => ({ score: one[when], trend: trendOf(one.slope, steadyWithin[when]) })))
  const bands = (score: number | null) => (score === null ? null : bandOf(score))
  const movers = tried
    .flatMap(({ customerId, before: from, after: to }) =>
      from === null || to === null || from === to ? [] : [{ customerId, from, to }],
    )
    .sort(
      (a, b) => Math.abs(b.to - b.from) - Math.abs(a.to - a.from) || (a.customerId < b.customerId ? -1 : 1),
    )
  return {
    ...{ before: spread('before'), after: spread('after') },
    crossed: tried.filter(({ before, after }) => bands(before) !== bands(after)).length,
    higher: movers.filter(({ from, to }) => to > from).length,
    lower: movers.filter(({ from, to }) => to < from).length,
    movers,
  }
}

const two = (value: number): string => (Math.round(value * 100) / 100).toFixed(2)

/** How scores are spread, counted as the database counts those that are kept. */
export const spreadOf = (
  all: readonly { score: number | null; trend: Trend | null }[],
): HealthDistribution => {
  const scores = all.flatMap(({ score }) => (score === null ? [] : [score])).sort((a, b) => a - b)
  const count = (trend: Trend) => all.filter((one) => one.trend === trend).length
  return {
    scored: scores.length,
    unscored: all.length - scores.length,
    mean: scores.length === 0 ? null : two(scores.reduce((sum, score) => sum + score, 0) / scores.length),
    median: scores.length === 0 ? null : two(quantile(scores, 0.5)),
    bands: bandNames.map((band) => ({
      band,
      customers: scores.filter((score) => bandOf(score) === band).length,
    })),
    tens: Array.from(
      { length: 10 },
      (_, ten) => scores.filter((s) => Math.min(9, Math.floor(s / 10)) === ten).length,
    ),
    ...{ rising: count('RISING'), steady: count('STEADY'), falling: count('FALLING') },
  }
}
