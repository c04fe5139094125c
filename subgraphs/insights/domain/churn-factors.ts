/**
 * factor    something that speaks for a customer's leaving, such as falling usage
 * strength  how much it shows: 0 not at all, to 1 in full, by quarters. Steps move on few days, and on each of them for a reason that can
 *           be named; a smooth curve would move every day and say no more
 * dated     a factor that can be worked out for a moment of the past too, because what it rests on says when it happened. What stands in
 *           a record without a date, such as whether it owes money, is known as it is now and as it was when a month's risks were kept
 */
import type { Known } from './facts.ts'
import { DAY, earliest, largest, type Measurement, measured, within } from './measuring.ts'
import type { Signal } from './signal.ts'
import { lastWeeks, type TwoSpans } from './weeks.ts'

export const HALF_YEAR_DAYS = 182

export interface Factor {
  unit: string
  isDated: boolean
  /** From these values on it shows by a quarter, a half, three quarters, in full. */
  steps: Steps
  /** Null when the facts do not say. */
  measure(known: Known): Measurement | null
}
type Steps = readonly [number, number, number, number]

export const factorNames = [
  'SILENCE',
  'PEOPLE_INACTIVE',
  'PAYMENT_OVERDUE',
  'NO_BUSINESS',
  'FALLING_USAGE',
  'FALLING_ANSWERS',
  'URGENT_TICKETS',
  'LOST_DEALS',
  'FEWER_REQUESTS',
] as const
export type FactorName = (typeof factorNames)[number]

/** How strongly each factor shows, by name; those absent do not. */
export type Strengths = Readonly<Partial<Record<FactorName, number>>>

/** @returns the likelihood of leaving, 0 to 1 */
export type Likelihood = (strengths: Strengths) => number

/** A factor as it is found, showing or not. */
export interface FoundFactor {
  name: FactorName
  strength: number
  found: Measurement
}

const URGENT = ['HIGH', 'URGENT']
const NOT_PAYING = new Map([
  ['PAST_DUE', 0.5],
  ['SUSPENDED', 1],
])
// With fewer minutes in four weeks a week's holiday is a collapse.
const LEAST_MINUTES = 100
const LEAST_REQUESTS = 2

/** Days since the last of these moments, as far as steps tell them apart: the days themselves would move every day. */
const daysSince = (
  moments: readonly Date[],
  from: readonly Signal[],
  steps: Steps,
  asOf: Date,
): Measurement | null => {
  if (moments.length === 0) return null
  const last = largest(moments.map((at) => at.getTime()))
  const days = Math.floor((asOf.getTime() - last) / DAY)
  const next = steps.find((step) => step > days)
  const reached = steps.findLast((step) => step <= days) ?? 0
  return measured(reached, from, next === undefined ? null : new Date(last + next * DAY))
}

const momentsOf = (signals: readonly Signal[]): Date[] =>
  signals.flatMap(({ happenedAt, endedAt }) => [happenedAt ?? [], endedAt ?? []].flat())

/** What a customer has bought; what it gave back is not. */
export const ordersOf = ({ facts }: Known): Signal[] => facts('order').filter(({ label }) => label === 'SALE')

/** The facts of a customer's own doing that say when: requests, orders and deals. */
export const businessOf = (known: Known): Signal[] => [
  ...known.facts('rfq'),
  ...ordersOf(known),
  ...known.facts('deal'),
]

/** By which share something fell; null when there was too little before. */
const fallen = (
  spans: TwoSpans | null,
  least: number,
  of: (span: TwoSpans['now']) => number,
): Measurement | null => {
  if (!spans || of(spans.before) < least) return null
  const { now, before, ...rest } = spans
  return { ...rest, value: Math.max(0, 1 - of(now) / of(before)) }
}

/** How many happened in the last half year and in the one before, and when one of them changes sides. */
export const halfYears = (signals: readonly Signal[], asOf: Date, days = HALF_YEAR_DAYS) => {
  const at = (s: Signal) => s.happenedAt
  const now = within(signals, at, days, asOf)
  const both = within(signals, at, 2 * days, asOf)
  return {
    now: now.kept.length,
    before: both.kept.length - now.kept.length,
    changesAt: earliest([now.changesAt, both.changesAt]),
  }
}

/** All there are. */
export const factors: Readonly<Record<FactorName, Factor>> = {
  SILENCE: {
    ...{ unit: 'days or longer', isDated: false, steps: [30, 60, 90, 180] },
    measure: ({ facts, asOf }) => {
      const active = [...facts('company'), ...facts('contact')].filter((s) => s.happenedAt !== null)
      return daysSince(momentsOf(active), active, factors.SILENCE.steps, asOf)
    },
  },
  PEOPLE_INACTIVE: {
    ...{ unit: 'share', isDated: false, steps: [0.5, 0.67, 0.8, 1] },
    measure: ({ facts, asOf }) => {
      const people = facts('contact').filter((s) => s.happenedAt !== null)
      // Of one person silence is told already.
      if (people.length < 2) return null
      const { kept, changesAt } = within(people, (s) => s.happenedAt, 90, asOf)
      return measured(1 - kept.length / people.length, people, changesAt)
    },
  },
  PAYMENT_OVERDUE: {
    ...{ unit: 'worst account', isDated: false, steps: [0.25, 0.5, 0.75, 1] },
    measure: ({ facts }) => {
      const said = [...facts('billing'), ...facts('account-status')]
      if (said.length === 0) return null
      return measured(largest(said.map(({ label }) => NOT_PAYING.get(label ?? '') ?? 0)), said)
    },
  },
  NO_BUSINESS: {
    ...{ unit: 'days or longer', isDated: true, steps: [60, 120, 180, 270] },
    measure: (known) => {
      const done = businessOf(known).filter((s) => s.happenedAt !== null || s.endedAt !== null)
      return daysSince(momentsOf(done), done, factors.NO_BUSINESS.steps, known.asOf)
    },
  },
  FALLING_USAGE: {
    ...{ unit: 'share', isDated: true, steps: [0.2, 0.35, 0.5, 0.8] },
    measure: (known) => fallen(lastWeeks(known, 'usage-minutes'), LEAST_MINUTES, ({ total }) => total),
  },
  FALLING_ANSWERS: {
    ...{ unit: 'share', isDated: true, steps: [0.05, 0.1, 0.2, 0.4] },
    measure: (known) => {
      const spans = lastWeeks(known, 'answer-ratio')
      // Without calls there is no share of them that is answered.
      if (!spans || spans.now.days === 0) return null
      return fallen(spans, 0.01, ({ total, days }) => (days > 0 ? total / days : 0))
    },
  },
  URGENT_TICKETS: {
    ...{ unit: 'tickets', isDated: true, steps: [1, 1, 2, 3] },
    measure: ({ facts }) => {
      const tickets = facts('ticket')
      const urgent = tickets.filter((s) => s.endedAt === null && URGENT.includes(s.label ?? ''))
      return tickets.length > 0 ? measured(urgent.length, tickets) : null
    },
  },
  LOST_DEALS: {
    ...{ unit: 'deals', isDated: true, steps: [1, 1, 2, 3] },
    measure: ({ facts, asOf }) => {
      const deals = facts('deal')
      const lost = deals.filter((s) => s.label === 'lost')
      const { kept, changesAt } = within(lost, (s) => s.endedAt, HALF_YEAR_DAYS, asOf)
      return deals.length > 0 ? measured(kept.length, deals, changesAt) : null
    },
  },
  FEWER_REQUESTS: {
    ...{ unit: 'share', isDated: true, steps: [0.34, 0.5, 0.75, 1] },
    measure: ({ facts, asOf }) => {
      const requests = facts('rfq')
      if (requests.length === 0) return null
      const { now, before, changesAt } = halfYears(requests, asOf)
      // Of too few nothing can be said to have become less.
      return measured(before < LEAST_REQUESTS ? 0 : Math.max(0, 1 - now / before), requests, changesAt)
    },
  },
}

const remembered = new WeakMap<Known, readonly FoundFactor[]>()

/** All factors of which the facts say something, in their order. Worked out once for all who ask of the same customer and moment. */
export const factorsOf = (known: Known): readonly FoundFactor[] => {
  const held = remembered.get(known)
  if (held) return held
  const found = factorNames.flatMap((name): FoundFactor[] => {
    const measurement = factors[name].measure(known)
    return measurement ? [{ name, strength: strengthOf(name, measurement.value), found: measurement }] : []
  })
  remembered.set(known, found)
  return found
}

const strengthOf = (name: FactorName, value: number): number =>
  factors[name].steps.reduce((quarters, step) => (value >= step ? quarters + 1 : quarters), 0) / 4

export const strengthsOf = (found: readonly FoundFactor[]): Strengths =>
  Object.fromEntries(found.flatMap(({ name, strength }) => (strength > 0 ? [[name, strength]] : [])))
