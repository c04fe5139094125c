/** What is noticed about how alive a relationship is. */

import { byActivity, daysSince, INTERACTIONS, interactions, lastActivity } from '../activity.ts'
import { type Condition, type Detector, daysAfter, type Seen } from '../detecting.ts'
import type { Known } from '../facts.ts'
import { earliest, largest, type Measurement, measured, within } from '../measuring.ts'
import { DECIDED } from '../metrics/usage.ts'
import type { Signal } from '../signal.ts'
import { inEightWeeks, lastWeeks } from '../weeks.ts'
import { amount, dayOf, number } from '../wording.ts'

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
      found: byActivity(last, daysSince(last.at, known.asOf), null),
      shown: dayOf(new Date(last.at)),
      reaches: (days) => daysAfter(last.at, days),
    },
  }
}

export const inactive: Detector = {
  type: 'ENGAGEMENT',
  version: 2,
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
  version: 2,
  title: 'A good customer that gets little attention',
  description:
    'The customer brings more than so much in a year, and there were fewer than so many interactions in the last 90 days: people who were active, tickets, requests, deals, meetings, and mails that were answered.',
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

/** Offers that have ended and mails that we sent, and how many of them the customer answered. */
const asked = (known: Known) => {
  const { kept, changesAt } = within(known.facts('rfq'), (fact) => fact.happenedAt, OFFER_DAYS, known.asOf)
  const ended = kept.filter(({ label }) => DECIDED.includes(label ?? ''))
  const decided = ended.filter(({ label }) => label !== 'EXPIRED').length
  const [sent, replies] = [lastWeeks(known, 'mails-sent'), lastWeeks(known, 'mails-answered')]
  const [mails, answers] = [sent, replies].map((spans) => (spans ? inEightWeeks(spans) : 0)) as [
    number,
    number,
  ]
  const mailsAnswered = Math.min(mails, answers)
  const times = ended.length + mails
  if (times === 0) return null
  const offers = ended.length > 0 ? measured(0, ended) : null
  const said = [offers, mails > 0 ? sent : null].filter((one) => one !== null)
  const found = (value: number): Measurement => ({
    value,
    sources: [...new Set(said.flatMap(({ sources }) => sources))].sort(),
    observedAt: new Date(largest(said.map(({ observedAt }) => observedAt.getTime()))),
    changesAt: earliest([changesAt, sent?.changesAt ?? null, replies?.changesAt ?? null]),
  })
  return { ended, decided, mails, mailsAnswered, times, ratio: (decided + mailsAnswered) / times, found }
}

export const decliningEngagement: Detector = {
  type: 'ENGAGEMENT',
  version: 2,
  title: 'Offers and mails are no longer answered',
  description:
    'Of more than so many offers for requests of the last 180 days that have ended, and mails of ours of the last eight whole weeks, the customer answered less than this share: it decided on the offer, or answered the mail.',
  thresholds: {
    responseRatio: { value: 0.3, unit: 'share' },
    interactions: { value: 3, unit: 'offers and mails' },
  },
  impact: 'MEDIUM',
  reads: ['rfq'],
  actions: ['Ask the customer why it does not answer', 'Find out who decides'],
  withinDays: 7,
  expects: 'The customer answers what it is offered and written.',
  look: ({ known }, bounds) => {
    const all = asked(known)
    if (!all) return null
    const { ended, decided, mails, mailsAnswered, times, ratio, found } = all
    const said = [
      ...(ended.length > 0 ? [`${decided} of ${ended.length} offers decided on`] : []),
      ...(mails > 0 ? [`${mailsAnswered} of ${mails} mails answered`] : []),
    ]
    return {
      conditions: [
        {
          ...{ name: 'interactions', unit: 'offers and mails', is: 'ABOVE', bound: bounds.interactions! },
          found: found(times),
        },
        {
          ...{ name: 'responseRatio', unit: 'share', is: 'BELOW', bound: bounds.responseRatio! },
          found: found(ratio),
        },
      ],
      facts: ended,
      say: () => `Answers seldom: ${said.join(', ')}.`,
    }
  },
}
