/**
 * Numbers told day by day, in whole weeks: the four that are over, and the four before them. Whole weeks hold each day of the week as
 * often, and a customer is not judged anew each day because the days have moved on.
 */
import type { Known } from './facts.ts'
import type { SeriesKind, SourceSystem } from './kinds.ts'
import { DAY, earliest, type Measurement } from './measuring.ts'

const WEEK = 7 * DAY
const WEEKS = 4
// The first of January 1970 was a Thursday.
const FIRST_MONDAY = 4 * DAY

/** Days of both spans, and what their numbers come to. */
export interface TwoSpans extends Omit<Measurement, 'value'> {
  now: Span
  before: Span
}
export interface Span {
  total: number
  /** Numbers that were told: of each account one for each day. */
  days: number
  /** Days on which any of them was above 0. */
  daysAbove0: number
}

/** The beginning of the week that a moment is in: Monday, in universal time. */
export const weekOf = (at: Date): Date =>
  new Date(FIRST_MONDAY + Math.floor((at.getTime() - FIRST_MONDAY) / WEEK) * WEEK)

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

const remembered = new WeakMap<Known, Map<SeriesKind, TwoSpans | null>>()

/** What was told of the last four whole weeks and of the four before; null when nothing was. Worked out once for all who ask. */
export const lastWeeks = (known: Known, kind: SeriesKind): TwoSpans | null => {
  const held = remembered.get(known) ?? new Map<SeriesKind, TwoSpans | null>()
  remembered.set(known, held)
  const spans = held.get(kind)
  if (spans !== undefined) return spans
  const found = spansOf(known, kind)
  held.set(kind, found)
  return found
}

/** The kinds that are read by whole weeks. */
export const weeklyKinds = [
  ...(['usage-minutes', 'answer-ratio', 'call-length'] as const),
  ...(['mails-sent', 'mails-answered', 'web-visits'] as const),
] as const satisfies SeriesKind[]

/** When a week ends that moves what was told, also into where nothing is known yet; null when all of it is too old. */
export const weekEnds = (known: Known): Date | null =>
  earliest(weeklyKinds.map((kind) => lastWeeks(known, kind)?.changesAt ?? null))

const spansOf = ({ series, asOf }: Known, kind: SeriesKind): TwoSpans | null => {
  const told = series(kind)
  if (told.length === 0) return null
  const end = weekOf(asOf).getTime()
  const [until, middle, from] = [dayOf(end), dayOf(end - WEEKS * WEEK), dayOf(end - 2 * WEEKS * WEEK)]
  const [now, before] = [
    { total: 0, days: 0, daysAbove0: 0 },
    { total: 0, days: 0, daysAbove0: 0 },
  ]
  const above0 = new Set<string>()
  let newest = ''
  const sources = new Set<SourceSystem>()
  for (const { days, system } of told)
    for (const { day, amount } of days) {
      if (day < from) continue
      if (day > newest) newest = day
      if (day >= until) continue
      const span = day >= middle ? now : before
      span.total += amount
      span.days++
      if (amount > 0 && !above0.has(day)) {
        above0.add(day)
        span.daysAbove0++
      }
      sources.add(system)
    }
  if (newest === '') return null
  const changesAt = new Date(end + WEEK)
  return { now, before, sources: [...sources].sort(), observedAt: new Date(newest), changesAt }
}
