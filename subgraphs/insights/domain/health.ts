import { scoreAt } from './knots.ts'
import { type DimensionName, dimensionNames, type Measurement, type Metric, metrics } from './metrics.ts'
import type { Signal, SourceSystem } from './signal.ts'

/** How much each side of the relationship weighs when all four are known. */
export const dimensionWeights: Record<DimensionName, number> = {
  CRM: 0.3,
  PAYMENT: 0.3,
  USAGE: 0.25,
  SUPPORT: 0.15,
}

/** Confidence never passes these, however complete the facts: one system alone cannot be cross-checked. */
const ceilingBySources = [0, 69, 85, 100]
const FRESH_DAYS = 30
const STALE_DAYS = 365
const DAY = 86_400_000

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
const weightOf = (list: readonly { metric: Metric }[]): number =>
  list.reduce((total, m) => total + m.metric.weight, 0)

/**
 * Scores a customer from facts alone: each metric by its curve, metrics into four dimensions, dimensions into one score.
 * What is not known is left out and its weight goes to the rest; it lowers coverage and confidence, never the score.
 * @param signals all facts of all accounts of one customer, in any order
 * @param asOf the moment the score is for
 */
export const health = (signals: readonly Signal[], asOf: Date): Health => {
  const known = metrics.flatMap((metric) => {
    const found = metric.measure(signals, asOf)
    return found ? [{ metric, found }] : []
  })
  const dimensions = dimensionNames.map((name) => {
    const all = metrics.filter((m) => m.dimension === name).map((metric) => ({ metric }))
    const mine = known.filter((k) => k.metric.dimension === name)
    return { name, mine, coverage: weightOf(mine) / weightOf(all) }
  })
  const inPlay = dimensions
    .filter((d) => d.mine.length > 0)
    .reduce((total, d) => total + dimensionWeights[d.name], 0)

  const contributions: Contribution[] = []
  const scored = dimensions.map(({ name, mine, coverage }): DimensionScore => {
    const weight = mine.length > 0 ? dimensionWeights[name] / inPlay : 0
    let score = 0
    for (const { metric, found } of mine) {
      const share = metric.weight / weightOf(mine)
      const reached = scoreAt(metric.knots, found.value)
      score += share * reached
      contributions.push({
        dimension: name,
        metric: metric.name,
        value: round(found.value, 4),
        unit: metric.unit,
        points: round(weight * share * reached),
        outOf: round(weight * share * 100),
        sources: found.sources,
      })
    }
    return {
      name,
      score: mine.length > 0 ? round(score) : null,
      weight: round(weight, 4),
      coverage: round(coverage, 4),
    }
  })

  const coverage = dimensions.reduce((total, d) => total + dimensionWeights[d.name] * d.coverage, 0)
  return {
    // The sum of what is shown, so that the parts always explain the whole to the cent.
    score:
      contributions.length > 0 ? clamp(round(contributions.reduce((total, c) => total + c.points, 0))) : null,
    confidence: confidence(known, coverage, asOf),
    coverage: round(coverage, 4),
    dimensions: scored,
    contributions,
    asOf,
    dueAt: dueAt(known, asOf),
  }
}

const clamp = (score: number): number => Math.min(100, Math.max(0, score))

interface Known {
  metric: Metric
  found: Measurement
}

const ageDays = (found: Measurement, asOf: Date): number =>
  Math.max(0, Math.floor((asOf.getTime() - found.observedAt.getTime()) / DAY))

/** 1 while the news is at most a month old, falling in whole months to 0.4 after a year. */
const freshness = (days: number): number => {
  const months = Math.floor(Math.min(days, STALE_DAYS) / FRESH_DAYS)
  return months <= 1 ? 1 : 1 - (0.6 * (months - 1)) / (Math.floor(STALE_DAYS / FRESH_DAYS) - 1)
}

const confidence = (known: readonly Known[], coverage: number, asOf: Date): number => {
  if (known.length === 0) return 0
  const sources = new Set(known.flatMap((k) => k.found.sources)).size
  const fresh =
    known.reduce((t, k) => t + k.metric.weight * freshness(ageDays(k.found, asOf)), 0) / weightOf(known)
  return round(Math.min(ceilingBySources[sources]!, 100 * Math.sqrt(coverage) * fresh))
}

const dueAt = (known: readonly Known[], asOf: Date): Date | null => {
  const moments = known.flatMap(({ found }) => {
    const days = ageDays(found, asOf)
    const nextMonth = found.observedAt.getTime() + (Math.floor(days / FRESH_DAYS) + 1) * FRESH_DAYS * DAY
    return [
      ...(found.changesAt ? [found.changesAt.getTime()] : []),
      ...(days < STALE_DAYS ? [nextMonth] : []),
    ]
  })
  return moments.length > 0 ? new Date(Math.min(...moments)) : null
}
