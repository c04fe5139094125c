/**
 * Numbers told day by day, in whole weeks: the last four that are over and told, and the four before them. Whole weeks hold each day of the
 * week as often, and a customer is not judged anew each day because the days have moved on.
 *
 * over    a week is over a day after its Sunday has ended in universal time: by then it has ended everywhere, and is told
 * told    what its system has not told yet is not silence: while days are awaited, the weeks stand still. Of who falls silent it is told that
 *         there was nothing, for eight weeks
 * silent  who did nothing in four weeks is held against the last four weeks in which it did something, and not against silence
 */
import type { Known } from './facts.ts'
import type { SeriesKind, SourceSystem } from './kinds.ts'
import { DAY, earliest, largest, type Measurement } from './measuring.ts'
import { firstMonthKept } from './months.ts'
import type { Series } from './signal.ts'

const WEEK = 7 * DAY
const FOUR_WEEKS = 4 * WEEK
// Days are kept for thirteen months.
const MOST_WEEKS = 52
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
  /** The day after its last one, as `YYYY-MM-DD`. */
  until: string
}

/** The beginning of the week that a moment is in: Monday, in universal time. */
export const weekOf = (at: Date): Date =>
  new Date(FIRST_MONDAY + Math.floor((at.getTime() - FIRST_MONDAY) / WEEK) * WEEK)

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)
const weekOfDay = (day: string, later = 0): number => weekOf(new Date(Date.parse(day) + later)).getTime()

/** The kinds that are read by whole weeks. */
export const weeklyKinds = [
  ...(['usage-minutes', 'answer-ratio', 'call-length'] as const),
  ...(['mails-sent', 'mails-answered', 'web-visits'] as const),
] as const satisfies SeriesKind[]
export type WeeklyKind = (typeof weeklyKinds)[number]

/** What can be said of a kind, and when time alone makes that something else. */
interface Looked {
  spans: TwoSpans | null
  changesAt: Date | null
}

const remembered = new WeakMap<Known, ReadonlyMap<WeeklyKind, Looked>>()

const lookedAt = (known: Known): ReadonlyMap<WeeklyKind, Looked> => {
  const held = remembered.get(known)
  if (held) return held
  const told = weeklyKinds.map((kind) => [kind, known.series(kind)] as const)
  const all = told.flatMap(([, series]) => series)
  const toldUntil = ({ system }: Series) => newestOf(all.filter((each) => each.system === system))
  const found = new Map(told.map(([kind, series]) => [kind, look(series, toldUntil, known.asOf)]))
  remembered.set(known, found)
  return found
}

/** What was told of the last four whole weeks and of the four before; null when nothing was. Worked out once for all who ask. */
export const lastWeeks = (known: Known, kind: WeeklyKind): TwoSpans | null => lookedAt(known).get(kind)!.spans

/** What the last four whole weeks and the four right before them come to. Weeks that were longer ago are not of it. */
export const inEightWeeks = ({ now, before }: TwoSpans): number =>
  now.total + (Date.parse(now.until) - Date.parse(before.until) === FOUR_WEEKS ? before.total : 0)

/** When a week is over that moves what was told, also into where nothing is known yet; null when none will. */
export const weekEnds = (known: Known): Date | null =>
  earliest([...lookedAt(known).values()].map(({ changesAt }) => changesAt))

/** From which moment on all days of both spans are kept, so that what they say of it is known. */
export const weeksKnownSince = (now: Date): Date =>
  new Date(Date.parse(firstMonthKept(now)) + 2 * FOUR_WEEKS + WEEK + DAY)

const newestOf = (told: readonly Series[]): string =>
  told.reduce((newest, { days }) => {
    const last = days.at(-1)?.day ?? ''
    return last > newest ? last : newest
  }, '')

/** @param toldUntil the newest day that the system of a series told anything of */
const look = (told: readonly Series[], toldUntil: (series: Series) => string, asOf: Date): Looked => {
  const newest = newestOf(told)
  if (newest === '') return { spans: null, changesAt: null }
  const over = weekOf(new Date(asOf.getTime() - DAY)).getTime()
  const awaited = largest(told.map((series) => weekOfDay(toldUntil(series), DAY)))
  const end = Math.min(over, awaited)
  const nextWeek = over < awaited ? new Date(over + WEEK + DAY) : null

  const now = spanOf(told, end)
  const last = now.total > 0 ? '' : lastOf(told, now.until)
  const before = spanOf(told, last === '' ? end - FOUR_WEEKS : weekOfDay(last) + WEEK)
  const from = Date.parse(before.until) - FOUR_WEEKS
  if (from < over - MOST_WEEKS * WEEK) return { spans: null, changesAt: nextWeek }
  const sources = new Set<SourceSystem>(told.map(({ system }) => system))
  const changesAt = earliest([nextWeek, new Date(from + (MOST_WEEKS + 1) * WEEK + DAY)])
  return {
    spans: { now, before, sources: [...sources].sort(), observedAt: new Date(newest), changesAt },
    changesAt,
  }
}

/** The four weeks before a Monday. */
const spanOf = (told: readonly Series[], end: number): Span => {
  const [from, until] = [dayOf(end - FOUR_WEEKS), dayOf(end)]
  const span = { total: 0, days: 0, daysAbove0: 0, until }
  const above0 = new Set<string>()
  for (const { days } of told)
    for (let i = days.length - 1; i >= 0 && days[i]!.day >= from; i--) {
      const { day, amount } = days[i]!
      if (day >= until) continue
      span.total += amount
      span.days++
      if (amount > 0) above0.add(day)
    }
  span.daysAbove0 = above0.size
  return span
}

/** The last day before this one of which more than nothing was told; empty when there is none. */
const lastOf = (told: readonly Series[], until: string): string =>
  told.reduce((last, { days }) => {
    const day = days.findLast((each) => each.day < until && each.amount > 0)?.day ?? ''
    return day > last ? day : last
  }, '')
