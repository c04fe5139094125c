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
import { share } from './wording.ts'

export const HALF_YEAR_DAYS = 182

/** What is measured of a factor, and the facts that show it. */
export interface Shown extends Measurement {
  facts: readonly Signal[]
}

export interface Factor {
  unit: string
  isDated: boolean
  /** From these values on it shows by a quarter, a half, three quarters, in full. */
  steps: Steps
  /** Null when the facts do not say. */
  measure(known: Known): Shown | null
  /** What it says of a customer, as a part of a sentence. */
  says(value: number): string
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
  'LOST_RENEWAL',
  'CONTRACT_ENDING',
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
  found: Shown
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
): Shown | null => {
  if (moments.length === 0) return null
  const last = largest(moments.map((at) => at.getTime()))
  const days = Math.floor((asOf.getTime() - last) / DAY)
  const next = steps.find((step) => step > days)
  const reached = steps.findLast((step) => step <= days) ?? 0
  return shown(measured(reached, from, next === undefined ? null : new Date(last + next * DAY)), from)
}

const shown = (found: Measurement, facts: readonly Signal[]): Shown => ({ ...found, facts })

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

/** Deals by which a contract was to be renewed. */
export const renewalsOf = ({ facts }: Known): Signal[] =>
  facts('deal').filter(({ details }) => details?.renewal === true)

/** By which share something fell; null when there was too little before. */
const fallen = (
  known: Known,
  spans: TwoSpans | null,
  least: number,
  of: (span: TwoSpans['now']) => number,
): Shown | null => {
  if (!spans || of(spans.before) < least) return null
  const { now, before, ...rest } = spans
  return shown({ ...rest, value: Math.max(0, 1 - of(now) / of(before)) }, known.facts('billing'))
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

/** A contract is looked at so many days before its end, and as many after it: who stays longer has gone on without one. */
const NOTICE_DAYS = 90

/** On which of its last days a contract is, as far as steps tell them apart, from 1 on; 0 before and long after them. */
const lastDayOf = (end: string, { asOf }: Known): { value: number; changesAt: Date | null } => {
  const begin = Date.parse(end) + DAY - NOTICE_DAYS * DAY
  const { steps } = factors.CONTRACT_ENDING
  const moments = [...steps.map((step) => begin + (step - 1) * DAY), begin + 2 * NOTICE_DAYS * DAY]
  const reached = moments.findLastIndex((at) => at <= asOf.getTime())
  const next = moments[reached + 1]
  return { value: steps[reached] ?? 0, changesAt: next === undefined ? null : new Date(next) }
}

/** All there are. */
export const factors: Readonly<Record<FactorName, Factor>> = {
  SILENCE: {
    ...{ unit: 'days or longer', isDated: false, steps: [30, 60, 90, 180] },
    measure: ({ facts, asOf }) => {
      const active = [...facts('company'), ...facts('contact')].filter((s) => s.happenedAt !== null)
      return daysSince(momentsOf(active), active, factors.SILENCE.steps, asOf)
    },
    says: (days) => `nobody in touch for ${days} days or longer`,
  },
  PEOPLE_INACTIVE: {
    ...{ unit: 'share', isDated: false, steps: [0.5, 0.67, 0.8, 1] },
    measure: ({ facts, asOf }) => {
      const people = facts('contact').filter((s) => s.happenedAt !== null)
      // Of one person silence is told already.
      if (people.length < 2) return null
      const { kept, changesAt } = within(people, (s) => s.happenedAt, 90, asOf)
      return shown(measured(1 - kept.length / people.length, people, changesAt), people)
    },
    says: (part) => `${share(part)} of its people inactive`,
  },
  PAYMENT_OVERDUE: {
    ...{ unit: 'worst account', isDated: false, steps: [0.25, 0.5, 0.75, 1] },
    measure: ({ facts }) => {
      const said = [...facts('billing'), ...facts('account-status')]
      if (said.length === 0) return null
      const owing = said.filter(({ label }) => NOT_PAYING.has(label ?? ''))
      return shown(
        measured(largest([0, ...owing.map(({ label }) => NOT_PAYING.get(label ?? '')!)]), said),
        owing,
      )
    },
    says: (worst) => (worst < 1 ? 'payment overdue' : 'suspended'),
  },
  NO_BUSINESS: {
    ...{ unit: 'days or longer', isDated: true, steps: [60, 120, 180, 270] },
    measure: (known) => {
      const done = businessOf(known).filter((s) => s.happenedAt !== null || s.endedAt !== null)
      return daysSince(momentsOf(done), done, factors.NO_BUSINESS.steps, known.asOf)
    },
    says: (days) => `no request, order or deal for ${days} days or longer`,
  },
  FALLING_USAGE: {
    ...{ unit: 'share', isDated: true, steps: [0.2, 0.35, 0.5, 0.8] },
    measure: (known) => fallen(known, lastWeeks(known, 'usage-minutes'), LEAST_MINUTES, ({ total }) => total),
    says: (part) => `usage down by ${share(part)}`,
  },
  FALLING_ANSWERS: {
    ...{ unit: 'share', isDated: true, steps: [0.05, 0.1, 0.2, 0.4] },
    measure: (known) => {
      const spans = lastWeeks(known, 'answer-ratio')
      // Without calls there is no share of them that is answered.
      if (!spans || spans.now.days === 0) return null
      return fallen(known, spans, 0.01, ({ total, days }) => (days > 0 ? total / days : 0))
    },
    says: (part) => `calls answered down by ${share(part)}`,
  },
  URGENT_TICKETS: {
    ...{ unit: 'tickets', isDated: true, steps: [1, 1, 2, 3] },
    measure: ({ facts }) => {
      const tickets = facts('ticket')
      const urgent = tickets.filter((s) => s.endedAt === null && URGENT.includes(s.label ?? ''))
      return tickets.length > 0 ? shown(measured(urgent.length, tickets), urgent) : null
    },
    says: (count) => `${count} urgent ${count === 1 ? 'ticket' : 'tickets'} open`,
  },
  LOST_DEALS: {
    ...{ unit: 'deals', isDated: true, steps: [1, 1, 2, 3] },
    measure: ({ facts, asOf }) => {
      const deals = facts('deal')
      // A renewal that was lost is a factor of its own.
      const lost = deals.filter(({ label, details }) => label === 'lost' && details?.renewal !== true)
      const { kept, changesAt } = within(lost, (s) => s.endedAt, HALF_YEAR_DAYS, asOf)
      return deals.length > 0 ? shown(measured(kept.length, deals, changesAt), kept) : null
    },
    says: (count) => `${count} ${count === 1 ? 'deal' : 'deals'} lost in half a year`,
  },
  FEWER_REQUESTS: {
    ...{ unit: 'share', isDated: true, steps: [0.34, 0.5, 0.75, 1] },
    measure: ({ facts, asOf }) => {
      const requests = facts('rfq')
      if (requests.length === 0) return null
      const { now, before, changesAt } = halfYears(requests, asOf)
      // Of too few nothing can be said to have become less.
      const less = before < LEAST_REQUESTS ? 0 : Math.max(0, 1 - now / before)
      return shown(measured(less, requests, changesAt), requests)
    },
    says: (part) => `requests for prices down by ${share(part)}`,
  },
  LOST_RENEWAL: {
    ...{ unit: 'renewals', isDated: true, steps: [1, 1, 1, 1] },
    measure: (known) => {
      const deals = known.facts('deal')
      if (deals.length === 0) return null
      const renewals = renewalsOf(known)
      const endOf = ({ endedAt }: Signal) => endedAt
      const ended = (label: string) =>
        within(
          renewals.filter((deal) => deal.label === label),
          endOf,
          HALF_YEAR_DAYS,
          known.asOf,
        )
      const [lost, won] = [ended('lost'), ended('won')]
      // One that was won since makes up for it.
      const made = won.kept.reduce((last, { endedAt }) => Math.max(last, endedAt!.getTime()), 0)
      const kept = lost.kept.filter(({ endedAt }) => endedAt!.getTime() > made)
      return shown(measured(kept.length, deals, earliest([lost.changesAt, won.changesAt])), kept)
    },
    says: (count) => `${count} ${count === 1 ? 'renewal' : 'renewals'} lost in half a year`,
  },
  CONTRACT_ENDING: {
    ...{ unit: 'day of its last 90 or later', isDated: false, steps: [1, 31, 61, 91] },
    measure: (known) => {
      const under = known
        .facts('account-status')
        .filter(({ label, details }) => label !== 'CHURNED' && details?.contractEnd !== undefined)
      if (under.length === 0) return null
      const won = renewalsOf(known).filter(({ label }) => label === 'won')
      // Of one that was renewed already the account says its new end once somebody has written it.
      const renewed = within(won, ({ endedAt }) => endedAt, HALF_YEAR_DAYS, known.asOf)
      const ends = under.map((fact) => ({ fact, ...lastDayOf(fact.details!.contractEnd!, known) }))
      const value = renewed.kept.length > 0 ? 0 : largest(ends.map((end) => end.value))
      const changesAt = earliest([renewed.changesAt, ...ends.map((end) => end.changesAt)])
      return shown(
        measured(value, [...under, ...renewed.kept], changesAt),
        ends.flatMap((end) => (end.value > 0 ? [end.fact] : [])),
      )
    },
    says: (day) =>
      day > NOTICE_DAYS
        ? 'contract over and not renewed'
        : `contract ends within ${NOTICE_DAYS + 1 - day} days`,
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
