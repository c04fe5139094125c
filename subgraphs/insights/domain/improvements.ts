import type { Contribution } from './health.ts'
import type { HealthSettings } from './health-settings.ts'
import { scoreAt } from './knots.ts'
import { type Metric, metrics } from './metrics.ts'

/** What could be done for a customer's health. */
export interface Improvement {
  dimension: Contribution['dimension']
  metric: string
  unit: string
  from: number
  to: number
  /** Points added to the overall score if nothing else changed. */
  gain: number
  action: string
}

/** What could be done, that which adds most first. What is not measured is left out: nobody knows how far it is from better. */
export const improvementsOf = (
  contributions: readonly Contribution[],
  settings: HealthSettings,
): Improvement[] =>
  metrics
    .flatMap((metric) => {
      const held = contributions.find((each) => each.metric === metric.name)
      return held ? bestOf(metric, held, settings) : []
    })
    .sort((a, b) => b.gain - a.gain)

/** The next value to either side that is worth more; of two the one that is worth most. */
const bestOf = (metric: Metric, { value, outOf }: Contribution, settings: HealthSettings): Improvement[] => {
  const { knots } = settings.metrics[metric.name]!
  const worth = scoreAt(knots, value)
  const values = (metric.targets ?? knots.map(([at]) => at)).toSorted((a, b) => a - b)
  const isBetter = (at: number) => scoreAt(knots, at) > worth
  const next = [
    values.find((at) => at > value && isBetter(at)),
    values.findLast((at) => at < value && isBetter(at)),
  ]
  const gains = next.flatMap((to) => {
    if (to === undefined) return []
    const gain = Math.round(outOf * (scoreAt(knots, to) - worth)) / 100
    return gain > 0 ? [{ to, gain }] : []
  })
  const [best] = gains.sort((a, b) => b.gain - a.gain)
  const { dimension, name, unit } = metric
  return best
    ? [{ dimension, metric: name, unit, from: value, ...best, action: metric.improve(best.to) }]
    : []
}
