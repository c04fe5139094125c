/** What is noticed about what customers are likely to do: to leave, or to buy more. */
import { type FoundFactor, factors, factorsOf } from '../churn-factors.ts'
import { type Detector, judged, type Sight } from '../detecting.ts'
import { earliest, type Measurement, measured, within } from '../measuring.ts'
import { amount, number } from '../wording.ts'

const together = (found: readonly FoundFactor[], changesAt: Date | null): Measurement => ({
  value: found.length,
  sources: [...new Set(found.flatMap((factor) => factor.found.sources))].sort(),
  // As fresh as the oldest of them.
  observedAt: found
    .map((factor) => factor.found.observedAt)
    .reduce((oldest, observedAt) => (observedAt < oldest ? observedAt : oldest)),
  changesAt,
})

export const churnRisk: Detector = {
  type: 'CHURN_RISK',
  version: 2,
  title: 'The customer may leave',
  description:
    'The risk that the customer leaves is at least this, or at least so many of the factors that make it up show by at least this share: silence, overdue payment, falling usage and the others.',
  thresholds: {
    percentage: { value: 50, unit: 'percent' },
    factors: { value: 2, unit: 'factors' },
    strength: { value: 0.5, unit: 'share' },
  },
  impact: 'HIGH',
  reads: ['company', 'billing', 'ticket', 'deal'],
  actions: ['Call the customer', 'Offer a review of what it uses and pays'],
  withinDays: 2,
  expects: 'The customer stays.',
  look: ({ known, found: { churn } }, bounds): Sight | null => {
    // Who never was a customer, or has left, cannot leave.
    if (!churn || churn.percentage === null) return null
    const all = factorsOf(known)
    const strong = all.filter(({ strength }) => strength >= bounds.strength!)
    // Time may make another of them speak for it.
    const changesAt = earliest(all.map(({ found }) => found.changesAt))
    const rest = { facts: strong.flatMap(({ found }) => found.facts), atMost: churn.confidence }
    if (strong.length > 0 && strong.length >= bounds.factors!) {
      const said = strong.map(({ name, found }) => factors[name].says(found.value))
      return {
        conditions: [
          {
            ...{ name: 'riskFactors', unit: 'factors', is: 'AT_LEAST', bound: bounds.factors! },
            found: together(strong, changesAt),
          },
        ],
        say: () => `${said.length} things speak for its leaving: ${said.join(', ')}.`,
        ...rest,
      }
    }
    const found = judged(known, churn.percentage)
    return (
      found && {
        conditions: [
          {
            ...{ name: 'churnRisk', unit: 'percent', is: 'AT_LEAST', bound: bounds.percentage! },
            found: { ...found, changesAt: earliest([found.changesAt, changesAt]) },
          },
        ],
        say: () => `The risk that it leaves is ${number(found.value)} of 100.`,
        ...rest,
      }
    )
  },
}

const QUARTER_DAYS = 90

export const upsell: Detector = {
  type: 'UPSELL',
  version: 1,
  title: 'The customer may buy more',
  description:
    'There is an opportunity worth at least so much; where none could be worked out, the customer is doing well by its health score, and asked for prices so many times in the last 90 days and this many times as often as in the 90 days before.',
  thresholds: {
    value: { value: 1_000, unit: 'USD' },
    health: { value: 70, unit: 'points' },
    requests: { value: 3, unit: 'requests' },
    growth: { value: 1.5, unit: 'times' },
  },
  impact: 'MEDIUM',
  reads: ['rfq', 'company'],
  actions: ['Propose a larger agreement', 'Ask what else the customer needs'],
  withinDays: 14,
  expects: 'The customer buys more, or other things.',
  look: ({ known, health, found: { opportunities } }, bounds): Sight | null => {
    // Bounds are in dollars: what is worth something in another currency cannot be held against them.
    const list = opportunities?.currency === 'USD' ? opportunities.list : []
    // The first of them is worth most by how likely it is: one behind it may be worth more by itself.
    const best =
      list.find(({ value }) => Number(value) >= bounds.value!) ??
      [...list].sort((a, b) => Number(b.value) - Number(a.value))[0]
    const asked = known.facts('rfq')
    if (best) {
      const value = Number(best.value)
      const found = judged(known, value)
      return (
        found && {
          conditions: [{ name: 'opportunity', unit: 'USD', is: 'AT_LEAST', bound: bounds.value!, found }],
          facts: asked,
          say: () => `An opportunity in ${best.category}, worth about ${amount(value)} USD.`,
          ...{ worth: value, atMost: best.confidence },
        }
      )
    }
    const well = health.score === null ? null : judged(known, health.score)
    if (!well || asked.length === 0) return null
    const now = within(asked, (fact) => fact.happenedAt, QUARTER_DAYS, known.asOf)
    const both = within(asked, (fact) => fact.happenedAt, 2 * QUARTER_DAYS, known.asOf)
    const before = both.kept.length - now.kept.length
    const changesAt = earliest([now.changesAt, both.changesAt])
    // What follows on nothing has not grown: it has begun. Time alone may bring something before it.
    const growth = before === 0 ? 0 : now.kept.length / before
    return {
      conditions: [
        { name: 'healthScore', unit: 'points', is: 'AT_LEAST', bound: bounds.health!, found: well },
        {
          ...{ name: 'requests', unit: 'requests', is: 'AT_LEAST', bound: bounds.requests! },
          found: measured(now.kept.length, asked, changesAt),
        },
        {
          ...{ name: 'growth', unit: 'times', is: 'AT_LEAST', bound: bounds.growth! },
          found: measured(growth, asked, changesAt),
        },
      ],
      facts: now.kept,
      say: () =>
        `Asked for prices ${now.kept.length} times in the last 90 days, after ${before} in the 90 days before.`,
      worth: null,
    }
  },
}
