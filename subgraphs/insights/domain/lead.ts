/**
 * lead     a company as somebody who may buy, whether or not it did before
 * part     one side of how promising it is; what is not known of it is left out, and its weight goes to the others
 */
import type { ProfileFields } from '#schema/events.ts'
import { COOLS_BELOW, QUALIFIES_AT } from '#schema/lead-thresholds.ts'
import { confidenceOf, freshUntil } from './confidence.ts'
import { dealStageOf } from './deal-stage.ts'
import type { Method } from './findings.ts'
import { scoreAt } from './knots.ts'
import { leadMetrics } from './lead-metrics.ts'
import { type LeadPartName, leadPartNames } from './lead-settings.ts'
import { earliest } from './measuring.ts'
import { inHundredths } from './points.ts'
import { weekEnds } from './weeks.ts'

/** How promising a company is. */
export interface Lead {
  /** 0–100; the points of its reasons sum to it. */
  score: number
  confidence: number
  /** Those that are known. */
  parts: { name: LeadPartName; score: number; weight: number }[]
  state: 'QUALIFIED' | 'OPEN'
  reasons: { metric: string; value: number; points: number }[]
  dealStage: string | null
}

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits
const total = (list: readonly { weight: number }[]): number =>
  list.reduce((sum, { weight }) => sum + weight, 0)

/** How promising a company is: metrics into four parts, parts into one score. */
export const lead: Method<Lead> = {
  find: (known, { settings: { leads, health }, last }) => {
    const counted = leadMetrics.filter(({ part }) => leads.weights[part] > 0)
    const found = counted.flatMap((metric) => {
      const measurement = metric.measure(known, leads)
      return measurement ? [{ metric, weight: metric.weight, found: measurement }] : []
    })
    const dueAt = earliest([
      known.nextAt,
      weekEnds(known),
      ...found.flatMap(({ found: { changesAt, observedAt } }) => [
        changesAt,
        freshUntil(observedAt, known.asOf),
      ]),
    ])
    const sides = leadPartNames.flatMap((name) => {
      const mine = found.filter(({ metric }) => metric.part === name)
      return mine.length > 0 ? [{ name, mine, weight: leads.weights[name] }] : []
    })
    if (sides.length === 0) return { value: null, dueAt }
    const shares = sides.flatMap(({ mine, weight }) =>
      mine.map((one) => ({
        ...one,
        share: ((weight / total(sides)) * one.weight) / total(mine),
        reached: scoreAt(one.metric.knots, one.found.value),
      })),
    )
    const points = inHundredths(shares.map(({ share, reached }) => share * reached))
    const score = round(points.reduce((sum, n) => sum + n, 0) / 100, 2)
    const isQualified = score >= QUALIFIES_AT || (last?.state === 'QUALIFIED' && score >= COOLS_BELOW)
    const stage = dealStageOf(known, isQualified)
    const coverage = sides.reduce((sum, { name, mine, weight }) => {
      const all = total(counted.filter(({ part }) => part === name))
      return sum + (weight * total(mine)) / all
    }, 0)
    const weights = leadPartNames.map((name) => leads.weights[name]).reduce((a, b) => a + b, 0)
    return {
      value: {
        score,
        confidence: confidenceOf(found, coverage / weights, health.ceilings, known.asOf),
        parts: sides.map(({ name, mine, weight }) => ({
          name,
          score: round(
            mine.reduce(
              (sum, one) => sum + (one.weight / total(mine)) * scoreAt(one.metric.knots, one.found.value),
              0,
            ),
            1,
          ),
          weight: round(weight / total(sides), 3),
        })),
        state: isQualified ? 'QUALIFIED' : 'OPEN',
        reasons: shares.map(({ metric, found: { value } }, i) => ({
          ...{ metric: metric.name, value: round(value, 2), points: points[i]! / 100 },
        })),
        dealStage: stage.stage,
      },
      dueAt: earliest([dueAt, stage.changesAt]),
    }
  },
  // What is not known is left out: what was told of it before is then told as known no longer.
  told: ({ score, confidence, parts, dealStage }, asOf) => {
    const say = (value: string) => ({ value, confidence: confidence.toFixed(2), asOf })
    return {
      score: say(score.toFixed(2)),
      ...Object.fromEntries(parts.map((part) => [fields[part.name], say(part.score.toFixed(1))])),
      ...(dealStage === null ? {} : { dealStage: say(dealStage) }),
    }
  },
}

const fields = {
  FINANCIAL: 'financialScore',
  GROWTH: 'growthScore',
  ENGAGEMENT: 'engagementScore',
  FIT: 'fitScore',
} as const satisfies Record<LeadPartName, keyof ProfileFields>
