/** What is noticed about what customers are likely to do: to leave, or to buy more. */
import { type Detector, holds, judged, type Seen, type Sight } from '../detecting.ts'
import { earliest, type Measurement, measured, within } from '../measuring.ts'
import type { Signal } from '../signal.ts'
import { usageChange } from '../usage-change.ts'
import { amount, number } from '../wording.ts'
import { silence } from './engagement.ts'

/** What other methods say, as far as they are asked: what is absent is worked out here. */
interface Others {
  /** `percentage` is null once the customer has left. */
  churn?: { percentage: number | null; confidence: number }
  /** The most valuable first; values are decimal texts. */
  opportunities?: {
    currency: string
    list: readonly { type: string; category: string; value: string; confidence: number }[]
  }
}
const others = ({ found }: Seen): Others => found as Others

const LOST_DAYS = 90

interface Factor {
  says: string
  found: Measurement
  facts: readonly Signal[]
}

/** What speaks for a customer leaving, as far as facts say so. */
const factorsOf = (
  seen: Seen,
  bounds: Readonly<Record<string, number>>,
): { factors: Factor[]; changesAt: Date | null } => {
  const { known, health } = seen
  const factors: Factor[] = []
  const quiet = silence(seen, bounds.days!)
  const isQuiet = quiet !== null && holds(quiet.condition, 0)
  if (isQuiet)
    factors.push({
      says: `nobody in touch since ${quiet.condition.shown}`,
      found: quiet.condition.found,
      facts: quiet.facts,
    })
  const count = (says: string, facts: readonly Signal[]) => {
    if (facts.length > 0) factors.push({ says, found: measured(facts.length, facts), facts })
  }
  count(
    'payment overdue',
    known.facts('billing').filter(({ label }) => label === 'PAST_DUE' || label === 'SUSPENDED'),
  )
  count(
    'urgent tickets open',
    known
      .facts('ticket')
      .filter(({ endedAt, label }) => endedAt === null && (label === 'HIGH' || label === 'URGENT')),
  )
  const lost = within(
    known.facts('deal').filter(({ label }) => label === 'lost'),
    (fact) => fact.endedAt,
    LOST_DAYS,
    known.asOf,
  )
  count('deals lost', lost.kept)
  const change = usageChange(known)
  if (change && -change.value >= bounds.usageDrop!)
    factors.push({ says: 'usage dropped', found: change, facts: known.facts('billing') })
  const poor = health.score !== null && health.score < bounds.health! ? judged(known, health.score) : null
  if (poor) factors.push({ says: `health of ${number(poor.value)}`, found: poor, facts: [] })
  const silentAt = quiet && !isQuiet ? quiet.condition.reaches!(bounds.days!) : null
  return { factors, changesAt: earliest([silentAt, lost.changesAt]) }
}

const together = (founds: readonly Measurement[], value: number, changesAt: Date | null): Measurement => ({
  value,
  sources: [...new Set(founds.flatMap(({ sources }) => sources))].sort(),
  // As fresh as the oldest of them.
  observedAt: founds.reduce(
    (oldest, { observedAt }) => (observedAt < oldest ? observedAt : oldest),
    founds[0]!.observedAt,
  ),
  changesAt,
})

export const churnRisk: Detector = {
  type: 'CHURN_RISK',
  version: 1,
  title: 'The customer may leave',
  description:
    'The risk that the customer leaves is at least this, or at least so many things speak for it: silence of so many days, overdue payment, urgent tickets, deals lost in the last 90 days, usage dropped by this share, a health score below this.',
  thresholds: {
    percentage: { value: 50, unit: 'percent' },
    factors: { value: 2, unit: 'factors' },
    days: { value: 30, unit: 'days' },
    usageDrop: { value: 0.4, unit: 'share' },
    health: { value: 40, unit: 'points' },
  },
  impact: 'HIGH',
  reads: ['company', 'billing', 'ticket', 'deal'],
  actions: ['Call the customer', 'Offer a review of what it uses and pays'],
  withinDays: 2,
  expects: 'The customer stays.',
  look: (seen, bounds): Sight | null => {
    const { churn } = others(seen)
    const { factors, changesAt } = factorsOf(seen, bounds)
    const facts = factors.flatMap((factor) => factor.facts)
    // Who has left no longer may.
    if (churn?.percentage === null) return null
    const trusted = churn ? { atMost: churn.confidence } : {}
    if (churn && factors.length < bounds.factors!) {
      const found = judged(seen.known, churn.percentage)
      return (
        found && {
          conditions: [
            {
              ...{ name: 'churnRisk', unit: 'percent', is: 'AT_LEAST', bound: bounds.percentage! },
              // Time may bring another thing that speaks for it.
              found: { ...found, changesAt: earliest([found.changesAt, changesAt]) },
            },
          ],
          facts,
          say: () => `The risk that it leaves is ${number(found.value)} of 100.`,
          ...trusted,
        }
      )
    }
    if (factors.length === 0)
      return (
        changesAt && { conditions: [waiting(seen, bounds.factors!, changesAt)], facts: [], say: () => '' }
      )
    const said = factors.map(({ says }) => says)
    return {
      conditions: [
        {
          ...{ name: 'riskFactors', unit: 'factors', is: 'AT_LEAST', bound: bounds.factors! },
          found: together(
            factors.map((factor) => factor.found),
            factors.length,
            changesAt,
          ),
        },
      ],
      facts,
      say: () => `${said.length} things speak for its leaving: ${said.join(', ')}.`,
      ...trusted,
    }
  },
}

/** Nothing speaks for it yet: only time may. */
const waiting = ({ known }: Seen, bound: number, changesAt: Date) => ({
  ...({ name: 'riskFactors', unit: 'factors', is: 'AT_LEAST', bound } as const),
  found: { value: 0, sources: [], observedAt: known.asOf, changesAt },
})

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
  look: (seen, bounds): Sight | null => {
    const { opportunities } = others(seen)
    // Bounds are in dollars: what is worth something in another currency cannot be held against them.
    const best = opportunities?.currency === 'USD' ? opportunities.list[0] : undefined
    const { known, health } = seen
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
    // What follows on nothing has not grown: it has begun.
    if (before === 0) return null
    return {
      conditions: [
        { name: 'healthScore', unit: 'points', is: 'AT_LEAST', bound: bounds.health!, found: well },
        {
          ...{ name: 'requests', unit: 'requests', is: 'AT_LEAST', bound: bounds.requests! },
          found: measured(now.kept.length, asked, changesAt),
        },
        {
          ...{ name: 'growth', unit: 'times', is: 'AT_LEAST', bound: bounds.growth! },
          found: measured(now.kept.length / before, asked, changesAt),
        },
      ],
      facts: now.kept,
      say: () =>
        `Asked for prices ${now.kept.length} times in the last 90 days, after ${before} in the 90 days before.`,
      worth: null,
    }
  },
}
