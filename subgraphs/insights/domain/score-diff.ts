/**
 * span    something with the time for which the hub held it true; null while it still does
 * replay  what was known of a customer, gone through again change by change: what each one moves is the difference of the score on
 *         both sides of it. So the parts sum to the whole, and each is exactly what that change did at its moment
 */
import { isDeepStrictEqual } from 'node:util'
import { type Known, knownAt } from './facts.ts'
import { type Contribution, health } from './health.ts'
import type { HealthSettings } from './health-settings.ts'
import { type DimensionName, metrics } from './metrics.ts'
import type { Series, Signal } from './signal.ts'
import { lastWeeks, type WeeklyKind } from './weeks.ts'

export interface Span<T> {
  of: T
  since: Date
  until: Date | null
}

/** Everything that was known of a customer and is needed to judge it at any moment from the first to the last. */
export interface Held {
  accounts: readonly Span<{ system: string; accountId: string }>[]
  /** Of all accounts it had. */
  signals: readonly Span<Signal>[]
  series: readonly Series[]
  settings: readonly Span<HealthSettings>[]
}

export type CauseKind = 'SIGNAL' | 'DAYS' | 'ACCOUNT' | 'SETTINGS' | 'TIME' | 'UNKNOWN'

/** What a metric came to add, in hundredths of a point. */
export interface Move {
  dimension: DimensionName
  metric: string
  hundredths: number
}

export interface Cause {
  kind: CauseKind
  at: Date | null
  hundredths: number
  moves: Move[]
  /** Who says it, or whose account it is. */
  system?: string
  signal?: string
  recordId?: string
  was?: Signal | null
  is?: Signal | null
}

/** A score that is kept, as far as it explains itself. */
export interface KeptScore {
  asOf: Date
  contributions: readonly Contribution[]
}

/** What comes day by day and a metric rests on. */
const dailyKinds = [...new Set(metrics.flatMap(({ days }) => days ?? []))]

interface Change extends Pick<Cause, 'kind' | 'system' | 'signal' | 'recordId' | 'was' | 'is'> {
  at: Date
  apply: () => void
}

type Points = ReadonlyMap<string, Pick<Move, 'dimension' | 'hundredths'>>

/** More changes are not gone through. */
export const MOST_CHANGES = 2000

/** How many changes lie between two moments. */
export const changesBetween = ({ accounts, signals, settings }: Held, from: Date, to: Date): number =>
  [...accounts, ...signals, ...settings].reduce(
    (sum, { since, until }) =>
      sum + Number(isWithin(since, from, to)) + Number(until !== null && isWithin(until, from, to)),
    0,
  )

const isWithin = (at: Date, from: Date, to: Date): boolean => at > from && at <= to
const isHeldAt = ({ since, until }: Span<unknown>, at: Date): boolean =>
  since <= at && (until === null || until > at)
const keyOf = ({ system, kind, recordId }: Signal): string => `${system}\n${kind}\n${recordId}`
const accountOf = ({ system, accountId }: { system: string; accountId: string }): string =>
  `${system}\n${accountId}`

const pointsOf = (contributions: readonly Contribution[]): Points =>
  new Map(
    contributions.map(({ metric, dimension, points }) => [
      metric,
      { dimension, hundredths: Math.round(points * 100) },
    ]),
  )

const movesBetween = (before: Points, after: Points): Move[] =>
  [...new Map([...before, ...after])].flatMap(([metric, { dimension }]) => {
    const hundredths = (after.get(metric)?.hundredths ?? 0) - (before.get(metric)?.hundredths ?? 0)
    return hundredths === 0 ? [] : [{ dimension, metric, hundredths }]
  })

const sumOf = (moves: readonly Move[]): number => moves.reduce((sum, { hundredths }) => sum + hundredths, 0)

/** What each metric came to add between two kept scores; none is as good as one without points. */
export const movesOf = (from: KeptScore | null, to: KeptScore | null): Move[] =>
  movesBetween(pointsOf(from?.contributions ?? []), pointsOf(to?.contributions ?? []))

/**
 * What moved a score from one that is kept to another.
 * @param began where to begin when there was no score
 * @returns causes that moved a metric, the largest first; what the replay does not find again is the cause UNKNOWN
 */
export const causesOf = (held: Held, from: KeptScore | null, to: KeptScore, began: Date): Cause[] => {
  const start = from?.asOf ?? began
  const facts = new Map(held.signals.filter((span) => isHeldAt(span, start)).map(({ of }) => [keyOf(of), of]))
  const accounts = new Set(
    held.accounts.filter((span) => isHeldAt(span, start)).map(({ of }) => accountOf(of)),
  )
  const state = { facts, accounts, settings: held.settings.find((span) => isHeldAt(span, start))?.of }
  const isMine = ({ accountSystem, accountId }: Signal | Series) =>
    accounts.has(accountOf({ system: accountSystem, accountId }))
  const daysUntil = new Map<WeeklyKind, Date>(dailyKinds.map((kind) => [kind, start]))
  const daysAt = (at: Date): Known => knownAt([], at, held.series.filter(isMine))
  const judge = (at: Date): Points => {
    if (!state.settings) return new Map()
    const lived = new Map<number, Known>()
    const daysKnown = (kind: WeeklyKind): Known => {
      const until = daysUntil.get(kind) ?? at
      const known = lived.get(until.getTime()) ?? daysAt(until)
      lived.set(until.getTime(), known)
      return known
    }
    const known = knownAt([...facts.values()].filter(isMine), at, held.series.filter(isMine))
    return pointsOf(health(known, state.settings, daysKnown).contributions)
  }
  const causes: Cause[] = []
  const time: Cause = { kind: 'TIME', at: null, hundredths: 0, moves: [] }
  const days = new Map<WeeklyKind, Cause>(
    dailyKinds.map((signal) => [signal, { kind: 'DAYS', at: null, hundredths: 0, moves: [], signal }]),
  )
  let points = judge(start)
  const reached = (cause: Cause, now: Points) => {
    cause.moves = addUp([...cause.moves, ...movesBetween(points, now)])
    cause.hundredths = sumOf(cause.moves)
    points = now
  }
  let reachedAt = start
  const goTo = (at: Date) => {
    reached(time, judge(at))
    const [before, after] = [reachedAt, at].map(daysAt)
    for (const [kind, cause] of days) {
      daysUntil.set(kind, at)
      // Most days move no week.
      if (!isDeepStrictEqual(lastWeeks(before!, kind), lastWeeks(after!, kind))) reached(cause, judge(at))
    }
    reachedAt = at
  }
  for (const { at, apply, ...change } of changesOf(held, start, to.asOf, state)) {
    goTo(at)
    apply()
    const cause: Cause = { ...change, at, hundredths: 0, moves: [] }
    reached(cause, judge(at))
    causes.push(cause)
  }
  goTo(to.asOf)
  const explained = addUp([...causes, time, ...days.values()].flatMap(({ moves }) => moves))
  const left = addUp([
    ...movesOf(from, to),
    ...explained.map((move) => ({ ...move, hundredths: -move.hundredths })),
  ])
  const unknown: Cause = { kind: 'UNKNOWN', at: null, hundredths: sumOf(left), moves: left }
  return [...causes, time, ...days.values(), unknown]
    .filter(({ moves }) => moves.length > 0)
    .sort((a, b) => Math.abs(b.hundredths) - Math.abs(a.hundredths))
}

const addUp = (moves: readonly Move[]): Move[] => {
  const sums = new Map<string, Move>()
  for (const move of moves) {
    const held = sums.get(move.metric)
    sums.set(move.metric, { ...move, hundredths: move.hundredths + (held?.hundredths ?? 0) })
  }
  return [...sums.values()].filter(({ hundredths }) => hundredths !== 0)
}

/** All changes after the first moment and not after the last, in their order; a record that changed is one change. */
const changesOf = (
  held: Held,
  from: Date,
  to: Date,
  state: { facts: Map<string, Signal>; accounts: Set<string>; settings: HealthSettings | undefined },
): Change[] => {
  const changes: Change[] = []
  const records = new Map<string, { at: Date; was: Signal | null; is: Signal | null }>()
  const touch = (at: Date, signal: Signal, part: 'was' | 'is') => {
    if (!isWithin(at, from, to)) return
    const key = `${keyOf(signal)}\n${at.getTime()}`
    const change = records.get(key) ?? { at, was: null, is: null }
    records.set(key, { ...change, [part]: signal })
  }
  for (const { of, since, until } of held.signals) {
    touch(since, of, 'is')
    if (until) touch(until, of, 'was')
  }
  for (const { at, was, is } of records.values()) {
    const { system, kind, recordId } = (is ?? was)!
    const key = keyOf((is ?? was)!)
    changes.push({
      ...{ kind: 'SIGNAL', at, system, signal: kind, recordId, was, is },
      apply: () => (is ? state.facts.set(key, is) : state.facts.delete(key)),
    })
  }
  for (const { of, since, until } of held.accounts) {
    const { system, accountId: recordId } = of
    const about = { kind: 'ACCOUNT', system, recordId } as const
    if (isWithin(since, from, to))
      changes.push({ ...about, at: since, apply: () => state.accounts.add(accountOf(of)) })
    if (until && isWithin(until, from, to))
      changes.push({ ...about, at: until, apply: () => state.accounts.delete(accountOf(of)) })
  }
  for (const { of, since } of held.settings)
    if (isWithin(since, from, to))
      changes.push({
        ...{ kind: 'SETTINGS', at: since },
        apply: () => {
          state.settings = of
        },
      })
  // Of one moment, accounts come first: a fact that comes with its account is named, rather than the account.
  const order = ['ACCOUNT', 'SETTINGS', 'SIGNAL']
  return changes.sort(
    (a, b) => a.at.getTime() - b.at.getTime() || order.indexOf(a.kind) - order.indexOf(b.kind),
  )
}
