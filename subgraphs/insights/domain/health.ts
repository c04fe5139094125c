import { confidenceOf, freshUntil } from './confidence.ts'
import type { Trend } from './course.ts'
import type { Known } from './facts.ts'
import { type HealthSettings, type MetricSettings, weightsFor } from './health-settings.ts'
import type { SourceSystem } from './kinds.ts'
import { scoreAt } from './knots.ts'
import { earliest, type Measurement } from './measuring.ts'
import { type DimensionName, dimensionNames, type Metric, metrics } from './metrics.ts'
import { inHundredths } from './points.ts'
import { type WeeklyKind, weekEnds } from './weeks.ts'

export interface Contribution {
  dimension: DimensionName
  metric: string
  value: number
  unit: string
  /** Points added to the overall score. */
  points: number
  /** Points it would add at its best. */
  outOf: number
  sources: SourceSystem[]
}

export interface DimensionScore {
  name: DimensionName
  /** 0–100, null when nothing is known about this side. */
  score: number | null
  /** Share of the overall score after sides without data are left out. */
  weight: number
  coverage: number
  /** How far this side's score can be relied on, as the whole's is worked out. Absent from scores of earlier versions. */
  confidence?: number
}

export interface Health {
  /** 0–100 with two decimals, null when nothing is known. */
  score: number | null
  confidence: number
  coverage: number
  dimensions: DimensionScore[]
  /** Sum exactly to the score. */
  contributions: Contribution[]
  asOf: Date
  /** When time alone moves the score or its confidence; null when it never does. */
  dueAt: Date | null
}

const round = (value: number, digits = 2): number => Math.round(value * 10 ** digits) / 10 ** digits
const weightOf = (list: readonly { weight: number }[]): number =>
  list.reduce((total, { weight }) => total + weight, 0)

/** What a customer's score was when it was last computed, as far as the next one needs it. */
export interface HealthMemory {
  score: string | null
  confidence: string
  dimensions: DimensionScore[]
  trend: Trend | null
  asOf: Date
  /** Equal to that of a score which is the same in everything that is kept of it. */
  fingerprint: string | null
}

/**
 * Scores a customer from facts alone: each metric by its curve, metrics into four dimensions, dimensions into one score.
 * What is not known is left out and its weight goes to the rest; it lowers coverage and confidence, never the score.
 * @param known what is known of the customer at the moment the score is for
 * @param daysKnown where what comes day by day is to be read as of another moment: what is known then
 */
export const health = (
  known: Known,
  settings: HealthSettings,
  daysKnown: (kind: WeeklyKind) => Known = () => known,
): Health => {
  const { facts, asOf } = known
  const weights = weightsFor(
    settings,
    facts('company').map((s) => s.label),
  )
  const counted = metrics.flatMap((metric) => {
    const held = settings.metrics[metric.name]!
    return held.weight > 0 ? [{ metric, ...held }] : []
  })
  const found = counted.flatMap((each): Found[] => {
    const { measure, days } = each.metric
    const measurement = measure(days ? daysKnown(days) : known)
    return measurement ? [{ ...each, found: measurement }] : []
  })
  const expected = counted.filter(
    ({ metric }) => !metric.isExtra || found.some((each) => each.metric === metric),
  )
  const sides = dimensionNames.map((name) => {
    const isOf = ({ metric }: { metric: Metric }) => metric.dimension === name
    const mine = found.filter(isOf)
    // A side of which nothing counts is not one that is unknown.
    const knowable = weightOf(expected.filter(isOf))
    return { name, mine, knowable, coverage: knowable > 0 ? weightOf(mine) / knowable : 0 }
  })
  const inPlay = weightOf(sides.filter((d) => d.mine.length > 0).map((d) => ({ weight: weights[d.name] })))
  const parts: Part[] = []
  const dimensions = sides.map(({ name, mine, coverage }): DimensionScore => {
    const weight = mine.length > 0 && inPlay > 0 ? weights[name] / inPlay : 0
    const whole = weightOf(mine)
    const reached = mine.map((each) => {
      const score = scoreAt(each.knots, each.found.value)
      if (weight > 0) parts.push({ ...each, most: (weight * each.weight) / whole, score })
      return (each.weight / whole) * score
    })
    return {
      name,
      score: mine.length > 0 ? round(reached.reduce((total, points) => total + points, 0)) : null,
      weight: round(weight, 4),
      coverage: round(coverage, 4),
      confidence: confidenceOf(mine, coverage, settings.ceilings, asOf),
    }
  })
  const knowable = sides.filter((d) => d.knowable > 0)
  const all = knowable.reduce((total, d) => total + weights[d.name], 0)
  const covered = knowable.reduce((total, d) => total + weights[d.name] * d.coverage, 0)
  const coverage = all > 0 ? covered / all : 0
  const points = inHundredths(parts.map(({ most, score }) => most * score))
  return {
    score: parts.length > 0 ? points.reduce((total, n) => total + n, 0) / 100 : null,
    confidence: confidenceOf(parts, coverage, settings.ceilings, asOf),
    coverage: round(coverage, 4),
    dimensions,
    contributions: parts.map((part, i) => contribution(part, points[i]! / 100)),
    asOf,
    dueAt: dueAt(found, known),
  }
}

/** A metric that counts, and what it found. */
interface Found extends MetricSettings {
  metric: Metric
  found: Measurement
}

/** The same with its share of the whole: `most` of 1. */
interface Part extends Found {
  most: number
  score: number
}

const contribution = ({ metric, found, most }: Part, points: number): Contribution => ({
  dimension: metric.dimension,
  metric: metric.name,
  value: round(found.value, 4),
  unit: metric.unit,
  points,
  // A part that was rounded up to its very best is at its best.
  outOf: Math.max(points, round(100 * most)),
  sources: found.sources,
})

/** The first moment at which a measurement, its freshness, or what has happened by then is another. */
const dueAt = (measured: readonly Found[], known: Known): Date | null =>
  earliest([
    known.nextAt,
    // Also where nothing is measured yet: the days of a week are read when it is over.
    weekEnds(known),
    ...measured.flatMap(({ found }) => [found.changesAt, freshUntil(found.observedAt, known.asOf)]),
  ])
