/**
 * buying signal  something that speaks for a company's buying soon. It fades: what was seen is worth less each week, and nothing in the end
 */
import { minutesGrowth } from './calls.ts'
import { halfYears } from './churn-factors.ts'
import { confidenceOf, freshUntil } from './confidence.ts'
import type { Known } from './facts.ts'
import type { Method } from './findings.ts'
import type { SourceSystem } from './kinds.ts'
import { DAY, earliest, type Measurement, measured } from './measuring.ts'
import type { Signal } from './signal.ts'
import { lastWeeks, weekEnds } from './weeks.ts'

interface Kind {
  /** What HubSpot's companies say of it. */
  title: string
  unit: string
  action: string
  withinHours: number
  /** Null when it is not seen. `observedAt` is when it was seen. */
  measure(known: Known): (Measurement & { strength: number }) | null
}

const QUARTER_DAYS = 91
/** Of fewer visits in four weeks it is chance whether they become more. */
const LEAST_VISITS = 5

/** News of one kind: what it is about is news for three months, since who was given money or looks for people spends later. */
const news =
  (label: string): Kind['measure'] =>
  ({ facts, asOf }) =>
    fresh(
      facts('news').filter((s) => s.label === label),
      [
        [30, 100],
        [60, 75],
        [90, 50],
      ],
      asOf,
    )

const LEAST_REQUESTS = 3

/** Strength by days since it was seen, the last one until when. */
type Fading = readonly (readonly [days: number, strength: number])[]

/** The newest of facts, by how long ago it happened. */
const fresh = (signals: readonly Signal[], fading: Fading, asOf: Date) => {
  const newest = signals.reduce<Signal | null>(
    (best, s) => (s.happenedAt && (!best || s.happenedAt > best.happenedAt!) ? s : best),
    null,
  )
  if (!newest) return null
  const seen = newest.happenedAt!
  const days = Math.floor((asOf.getTime() - seen.getTime()) / DAY)
  const step = fading.findIndex(([until]) => days < until)
  if (step === -1) return null
  const [until, strength] = fading[step]!
  // The days themselves would move every day.
  const reached = fading[step - 1]?.[0] ?? 0
  const changesAt = new Date(seen.getTime() + until * DAY)
  return { ...measured(reached, [newest], changesAt), observedAt: seen, strength }
}

/** 50, 75 or 100 by how many times as much it became. */
const byTimes = (times: number, [some, more, most]: readonly [number, number, number]): number =>
  times >= most ? 100 : times >= more ? 75 : times >= some ? 50 : 0

/** All there are. */
export const buyingSignalKinds = {
  FRESH_REQUEST: {
    title: 'asked for prices',
    unit: 'days ago or longer',
    action: 'Call, and go through the prices it asked for.',
    withinHours: 48,
    measure: ({ facts, asOf }: Known) => {
      const open = facts('rfq').filter(({ label }) => label === 'OPEN' || label === 'QUOTED')
      return fresh(
        open,
        [
          [3, 100],
          [7, 75],
          [14, 50],
        ],
        asOf,
      )
    },
  },
  REQUESTS_RISING: {
    title: 'asks for more prices',
    unit: 'times',
    action: 'Ask what is planned, and offer a frame contract.',
    withinHours: 120,
    measure: ({ facts, asOf }: Known) => {
      const requests = facts('rfq')
      const { now, before, changesAt } = halfYears(requests, asOf, QUARTER_DAYS)
      const strength = byTimes(now / Math.max(1, before), [2, 3, 4])
      if (now < LEAST_REQUESTS || strength === 0) return null
      return { ...measured(now / Math.max(1, before), requests, changesAt), strength }
    },
  },
  USAGE_RISING: {
    title: 'talks more',
    unit: 'times',
    action: 'Offer more capacity before it runs out.',
    withinHours: 120,
    measure: (known: Known) => {
      const growth = minutesGrowth(known)
      const strength = growth ? byTimes(growth.value, [1.25, 1.5, 2]) : 0
      return growth && strength > 0 ? { ...growth, strength } : null
    },
  },
  NEW_DEAL: {
    title: 'has a new deal',
    unit: 'days ago or longer',
    action: 'Send an offer, and agree on the next step.',
    withinHours: 72,
    measure: ({ facts, asOf }: Known) =>
      fresh(
        facts('deal').filter(({ label }) => label === 'open'),
        [
          [7, 100],
          [14, 75],
          [30, 50],
        ],
        asOf,
      ),
  },
  FUNDING: {
    title: 'was given money',
    unit: 'days ago or longer',
    action: 'Call and congratulate, and ask what it means to build.',
    withinHours: 48,
    measure: news('FUNDING'),
  },
  HIRING: {
    title: 'hires people',
    unit: 'days ago or longer',
    action: 'Call, and offer what the people it hires will need.',
    withinHours: 120,
    measure: news('HIRING'),
  },
  EXPANSION: {
    title: 'opens somewhere else',
    unit: 'days ago or longer',
    action: 'Ask what the new place needs, and offer to set it up.',
    withinHours: 120,
    measure: news('EXPANSION'),
  },
  VISITS_RISING: {
    title: 'looks at our pages',
    unit: 'times',
    action: 'Call, and ask what it is looking for.',
    withinHours: 48,
    measure: (known: Known) => {
      const spans = lastWeeks(known, 'web-visits')
      if (!spans || spans.now.total < LEAST_VISITS) return null
      const { now, before, ...rest } = spans
      // Where hardly anybody looked before, one visit more or less must not decide.
      const value = now.total / Math.max(LEAST_VISITS, before.total)
      const strength = byTimes(value, [1.5, 2, 3])
      return strength === 0 ? null : { ...rest, value, strength }
    },
  },
} as const satisfies Record<string, Kind>

export type BuyingSignalType = keyof typeof buyingSignalKinds
const types = Object.keys(buyingSignalKinds) as BuyingSignalType[]

/** What speaks for a company's buying soon, the strongest first. */
export interface BuyingSignals {
  confidence: number
  seen: BuyingSignal[]
}

export interface BuyingSignal {
  type: BuyingSignalType
  strength: number
  seenAt: string
  value: number
  sources: SourceSystem[]
}

/** What speaks for a company's buying soon, the strongest first. */
export const buyingSignals: Method<BuyingSignals> = {
  find: (known, { settings }) => {
    const seen = types.flatMap((type) => {
      const found = buyingSignalKinds[type].measure(known)
      return found ? [{ type, found }] : []
    })
    const value = seen.map(({ type, found: { strength, observedAt, value, sources } }) => ({
      ...{ type, strength, seenAt: observedAt.toISOString() },
      ...{ value: Math.round(value * 100) / 100, sources },
    }))
    return {
      value:
        value.length === 0
          ? null
          : {
              confidence: confidenceOf(
                seen.map(({ found }) => ({ weight: 1, found })),
                1,
                settings.health.ceilings,
                known.asOf,
              ),
              seen: value.sort((a, b) => b.strength - a.strength),
            },
      dueAt: earliest([
        known.nextAt,
        weekEnds(known),
        halfYears(known.facts('rfq'), known.asOf, QUARTER_DAYS).changesAt,
        ...seen.flatMap(({ found }) => [found.changesAt, freshUntil(found.observedAt, known.asOf)]),
      ]),
    }
  },
  told: ({ confidence, seen }, asOf) => ({
    signals: {
      value: seen.map(({ type }) => buyingSignalKinds[type].title),
      confidence: confidence.toFixed(2),
      asOf,
    },
  }),
}
