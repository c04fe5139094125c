import { scoreAt } from './knots.ts'
import { DAY, type Facts, type Measurement, smallest } from './measuring.ts'
import { type DimensionName, dimensionNames, type Metric, metrics } from './metrics.ts'
import type { Signal, SourceSystem } from './signal.ts'

/** How much each side of the relationship weighs when all four are known. */
const dimensionWeights: Record<DimensionName, number> = {
  CRM: 0.3,
  PAYMENT: 0.3,
  USAGE: 0.25,
  SUPPORT: 0.15,
}

/** Confidence never passes these, however complete the facts: one system alone cannot be cross-checked. */
const ceilingBySources = [0, 69, 85, 100]
const FRESH_MONTHS = 2
const STALE_MONTHS = 12
const MONTH = 30 * DAY

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

const weightKnowable = new Map(
  dimensionNames.map((name) => [name, weightOf(metrics.filter((m) => m.dimension === name))]),
)

/**
 * Scores a customer from facts alone: each metric by its curve, metrics into four dimensions, dimensions into one score.
 * What is not known is left out and its weight goes to the rest; it lowers coverage and confidence, never the score.
 * @param signals all facts of all accounts of one customer, in any order
 * @param asOf the moment the score is for; what happens later is not known yet
 */
export const health = (signals: readonly Signal[], asOf: Date): Health => {
  const { facts, nextAt } = until(signals, asOf)
  const known = metrics.flatMap((metric): Known[] => {
    const found = metric.measure(facts, asOf)
    return found ? [{ metric, weight: metric.weight, found }] : []
  })
  const sides = dimensionNames.map((name) => {
    const mine = known.filter(({ metric }) => metric.dimension === name)
    return { name, mine, coverage: weightOf(mine) / weightKnowable.get(name)! }
  })
  const inPlay = weightOf(
    sides.filter((d) => d.mine.length > 0).map((d) => ({ weight: dimensionWeights[d.name] })),
  )
  const parts: Part[] = []
  const dimensions = sides.map(({ name, mine, coverage }): DimensionScore => {
    const weight = mine.length > 0 ? dimensionWeights[name] / inPlay : 0
    const reached = mine.map(({ metric, weight: share, found }) => {
      const part = {
        metric,
        found,
        most: (weight * share) / weightOf(mine),
        score: scoreAt(metric.knots, found.value),
      }
      parts.push(part)
      return (share / weightOf(mine)) * part.score
    })
    return {
      name,
      score: mine.length > 0 ? round(reached.reduce((total, points) => total + points, 0)) : null,
      weight: round(weight, 4),
      coverage: round(coverage, 4),
      confidence: confidence(mine, coverage, asOf),
    }
  })
  const coverage = sides.reduce((total, d) => total + dimensionWeights[d.name] * d.coverage, 0)
  const points = inHundredths(parts.map(({ most, score }) => most * score))
  return {
    score: parts.length > 0 ? points.reduce((total, n) => total + n, 0) / 100 : null,
    confidence: confidence(known, coverage, asOf),
    coverage: round(coverage, 4),
    dimensions,
    contributions: parts.map((part, i) => contribution(part, points[i]! / 100)),
    asOf,
    dueAt: dueAt(known, nextAt, asOf),
  }
}

interface Known {
  metric: Metric
  weight: number
  found: Measurement
}

/** A metric with its share of the whole: `most` of 1. */
interface Part {
  metric: Metric
  found: Measurement
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

/**
 * Rounds points so that they still sum to their rounded sum: all are rounded down, and what is then missing goes to those
 * that lost most. A score of parts rounded one by one would drift by a tenth of a point, or pass 100.
 */
const inHundredths = (points: readonly number[]): number[] => {
  const whole = points.map((p) => Math.floor(p * 100))
  const missing = Math.round(points.reduce((t, p) => t + p, 0) * 100) - whole.reduce((t, n) => t + n, 0)
  const byLoss = points.map((p, i) => ({ i, loss: p * 100 - whole[i]! })).sort((a, b) => b.loss - a.loss)
  for (const { i } of byLoss.slice(0, missing)) whole[i]!++
  return whole
}

/** The facts as they stood at a moment: what was to happen later had not happened, and when the first of it does. */
const until = (signals: readonly Signal[], asOf: Date): { facts: Facts; nextAt: number | null } => {
  const later: number[] = []
  const reached = (at: Date | null): Date | null => {
    if (at === null || at <= asOf) return at
    later.push(at.getTime())
    return null
  }
  const byKind = Map.groupBy(
    signals.map((s) => ({ ...s, happenedAt: reached(s.happenedAt), endedAt: reached(s.endedAt) })),
    (s) => s.kind,
  )
  return { facts: (kind) => byKind.get(kind) ?? [], nextAt: later.length > 0 ? smallest(later) : null }
}

const months = (found: Measurement, asOf: Date): number =>
  Math.max(0, Math.floor((asOf.getTime() - found.observedAt.getTime()) / MONTH))

/** 1 for news of less than two months, falling month by month to 0.4 after a year. */
const freshness = (age: number): number => {
  const lost = Math.min(age, STALE_MONTHS) - FRESH_MONTHS + 1
  return lost <= 0 ? 1 : 1 - (0.6 * lost) / (STALE_MONTHS - FRESH_MONTHS + 1)
}

const confidence = (known: readonly Known[], coverage: number, asOf: Date): number => {
  if (known.length === 0) return 0
  const sources = new Set(known.flatMap((k) => k.found.sources)).size
  const fresh = known.reduce((t, k) => t + k.weight * freshness(months(k.found, asOf)), 0) / weightOf(known)
  return round(
    Math.min(
      ceilingBySources[Math.min(sources, ceilingBySources.length - 1)]!,
      100 * Math.sqrt(coverage) * fresh,
    ),
  )
}

/** The first moment at which a measurement, its freshness, or what has happened by then is another. */
const dueAt = (known: readonly Known[], nextAt: number | null, asOf: Date): Date | null => {
  const moments = known.flatMap(({ found }) => {
    const nextMonth = Math.max(months(found, asOf) + 1, FRESH_MONTHS)
    return [
      ...(found.changesAt ? [found.changesAt.getTime()] : []),
      ...(nextMonth <= STALE_MONTHS ? [found.observedAt.getTime() + nextMonth * MONTH] : []),
    ]
  })
  if (nextAt !== null) moments.push(nextAt)
  return moments.length > 0 ? new Date(smallest(moments)) : null
}
