import { type FactorName, type FoundFactor, factorsOf, halfYears } from './churn-factors.ts'
import { confidenceOf, freshUntil } from './confidence.ts'
import type { Known } from './facts.ts'
import type { Method } from './findings.ts'
import { byLabel, earliest, type Measurement, measured } from './measuring.ts'
import { lastWeeks, weekEnds } from './weeks.ts'

/** Three sides of the risk with a customer: each 0 (worst) to 10 (best) with one decimal, null when nothing is known of it. */
export interface Risk {
  paymentRisk: number | null
  volumeStability: number | null
  relationshipStrength: number | null
  confidence: number
}

const round = (value: number): number => Math.round(value * 10) / 10

/** 10 for an account that pays in time, 5 for one that is late, 0 for one that is suspended for it: the mean of all. */
const payment = byLabel(
  'billing',
  new Map([
    ['CURRENT', 10],
    ['PAST_DUE', 5],
    ['SUSPENDED', 0],
  ]),
  null,
)

/**
 * 10 when the minutes of four weeks are those of the four before, less by as much as the smaller is of the larger; of a customer without
 * usage, the same of its requests by half years.
 */
const volume = (known: Known): Measurement | null => {
  const even = (a: number, b: number) => (10 * Math.min(a, b)) / Math.max(a, b)
  const spans = lastWeeks(known, 'usage-minutes')
  if (spans && spans.now.total + spans.before.total > 0) {
    const { now, before, ...rest } = spans
    return { ...rest, value: even(now.total, before.total) }
  }
  const requests = known.facts('rfq')
  const { now, before, changesAt } = halfYears(requests, known.asOf)
  return now + before > 0 ? measured(even(now, before), requests, changesAt) : null
}

/** What a relationship lives by: each that is known counts the same, 10 when it does not show as a factor of leaving. */
const TIES: readonly FactorName[] = ['SILENCE', 'PEOPLE_INACTIVE', 'LOST_DEALS', 'URGENT_TICKETS']

const relationship = (ties: readonly FoundFactor[]): number =>
  10 * (1 - ties.reduce((sum, { strength }) => sum + strength, 0) / ties.length)

/** The three sides of the risk with a customer. */
export const risk: Method<Risk> = {
  find: (known, { settings }) => {
    const [pays, evens] = [payment(known), volume(known)]
    const ties = factorsOf(known).filter(({ name }) => TIES.includes(name))
    const found = [pays, evens, ...ties.map((tie) => tie.found)].filter((one) => one !== null)
    const dueAt = earliest([
      known.nextAt,
      weekEnds(known),
      ...found.flatMap(({ changesAt, observedAt }) => [changesAt, freshUntil(observedAt, known.asOf)]),
    ])
    if (found.length === 0) return { value: null, dueAt }
    const sides = [pays !== null, evens !== null, ties.length > 0].filter(Boolean).length
    return {
      value: {
        paymentRisk: pays && round(pays.value),
        volumeStability: evens && round(evens.value),
        relationshipStrength: ties.length > 0 ? round(relationship(ties)) : null,
        confidence: confidenceOf(
          found.map((one) => ({ weight: 1, found: one })),
          sides / 3,
          settings.health.ceilings,
          known.asOf,
        ),
      },
      dueAt,
    }
  },
}

export type Impact = 'HIGH' | 'MEDIUM' | 'LOW'

/** How much rests on a factor, by the points of likelihood that are its own. */
export const impactOf = (points: number): Impact => (points >= 10 ? 'HIGH' : points >= 3 ? 'MEDIUM' : 'LOW')
