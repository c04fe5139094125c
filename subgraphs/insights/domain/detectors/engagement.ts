/** What is noticed about how alive a relationship is. */
import { type Condition, type Detector, daysAfter, type Seen } from '../detecting.ts'
import { measured, within } from '../measuring.ts'
import { daysSince, INTERACTIONS, interactions, lastActivity } from '../revenue.ts'
import type { Signal } from '../signal.ts'
import { amount, dayOf, number, share } from '../wording.ts'

/** The days since anybody was in touch, held against a bound. */
export const silence = (
  { known }: Seen,
  bound: number,
): { condition: Condition; facts: readonly Signal[] } | null => {
  const last = lastActivity(known)
  if (!last) return null
  return {
    facts: last.facts,
    condition: {
      ...{ name: 'lastActivity', unit: 'day', is: 'AT_LEAST', bound },
      found: measured(daysSince(last.at, known.asOf), last.facts),
      shown: dayOf(new Date(last.at)),
      reaches: (days) => daysAfter(last.at, days),
    },
  }
}

export const inactive: Detector = {
  type: 'ENGAGEMENT',
  version: 1,
  title: 'Nobody is in touch',
  description: 'Nobody has been in touch with the customer for so many days.',
  thresholds: { days: { value: 30, unit: 'days' } },
  impact: 'MEDIUM',
  reads: ['company', 'contact'],
  actions: ['Call the customer', 'Write to the people who were last in touch'],
  withinDays: 7,
  expects: 'Somebody is in touch again.',
  look: (seen, bounds) => {
    const silent = silence(seen, bounds.days!)
    return (
      silent && {
        conditions: [silent.condition],
        facts: silent.facts,
        say: () => `Nobody has been in touch since ${silent.condition.shown}.`,
      }
    )
  },
}

export const highValueLowEngagement: Detector = {
  type: 'REVENUE_OPTIMIZATION',
  version: 1,
  title: 'A good customer that gets little attention',
  description:
    'The customer brings more than so much in a year, and there were fewer than so many interactions in the last 90 days.',
  thresholds: { revenue: { value: 10_000, unit: 'USD' }, interactions: { value: 5, unit: 'interactions' } },
  impact: 'HIGH',
  reads: ['billing', ...INTERACTIONS],
  actions: ['Arrange a review with the customer', 'Introduce a second person on each side'],
  withinDays: 7,
  expects: 'The customer is looked after as much as it is worth.',
  look: ({ known, revenue }, bounds) => {
    const touched = revenue && interactions(known)
    if (!touched) return null
    return {
      conditions: [
        { name: 'yearlyRevenue', unit: 'USD', is: 'ABOVE', bound: bounds.revenue!, found: revenue },
        {
          name: 'interactions',
          unit: 'interactions',
          is: 'BELOW',
          bound: bounds.interactions!,
          found: touched,
        },
      ],
      facts: [...revenue.facts, ...touched.facts],
      say: () =>
        `Brings ${amount(revenue.value)} USD a year, and there were ${number(touched.value)} interactions in the last 90 days.`,
    }
  },
}

const OFFER_DAYS = 180

export const decliningEngagement: Detector = {
  type: 'ENGAGEMENT',
  version: 1,
  title: 'Offers are no longer answered',
  description:
    'Of more than so many offers for requests of the last 180 days that have ended, the customer decided on less than this share; the others ran out without a word.',
  thresholds: { responseRatio: { value: 0.3, unit: 'share' }, interactions: { value: 3, unit: 'offers' } },
  impact: 'MEDIUM',
  reads: ['rfq'],
  actions: ['Ask the customer why offers are not answered', 'Find out who decides'],
  withinDays: 7,
  expects: 'The customer says yes or no to what it is offered.',
  look: ({ known }, bounds) => {
    const { kept, changesAt } = within(known.facts('rfq'), (fact) => fact.happenedAt, OFFER_DAYS, known.asOf)
    const ended = kept.filter(({ label }) => label === 'WON' || label === 'LOST' || label === 'EXPIRED')
    if (ended.length === 0) return null
    const answered = ended.filter(({ label }) => label !== 'EXPIRED').length
    const ratio = answered / ended.length
    return {
      conditions: [
        {
          ...{ name: 'offers', unit: 'offers', is: 'ABOVE', bound: bounds.interactions! },
          found: measured(ended.length, ended, changesAt),
        },
        {
          ...{ name: 'responseRatio', unit: 'share', is: 'BELOW', bound: bounds.responseRatio! },
          found: measured(ratio, ended, changesAt),
        },
      ],
      facts: ended,
      say: () => `Decided on ${answered} of its last ${ended.length} offers, ${share(ratio)}.`,
    }
  },
}
