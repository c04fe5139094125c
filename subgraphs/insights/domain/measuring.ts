import type { JudgedKind, Known } from './facts.ts'
import type { SourceSystem } from './kinds.ts'
import type { Signal } from './signal.ts'

/** What a metric found: the value, which systems said so, how old the news is, and when time alone changes it. */
export interface Measurement {
  value: number
  sources: SourceSystem[]
  /** The newest observation behind the value. */
  observedAt: Date
  /** The next moment at which the same facts give another value; null when they never do. */
  changesAt: Date | null
}

/** Reads what is known of a customer at a moment. Null when it does not say: silence is not zero. */
export type Measure = (known: Known) => Measurement | null

export const DAY = 86_400_000

// Beyond it a number is a slip of somebody's pen, and no longer one that can be shown to two decimals.
const LARGEST = 1e15

/** A value as far as it can be shown. */
export const bounded = (value: number): number => Math.max(-LARGEST, Math.min(LARGEST, value))

/** A value read from facts, of which there is at least one. */
export const measured = (
  value: number,
  from: readonly Signal[],
  changesAt: Date | null = null,
): Measurement => {
  // Plain loops and numbers here and below: they are what judging a customer mostly does, and comparing dates takes ten times as long.
  const sources: SourceSystem[] = []
  let newest = from[0]!.observedAt
  let latest = newest.getTime()
  for (const { system, observedAt } of from) {
    if (!sources.includes(system)) sources.push(system)
    const time = observedAt.getTime()
    if (time > latest) {
      newest = observedAt
      latest = time
    }
  }
  return {
    value: bounded(value),
    sources: sources.length > 1 ? sources.sort() : sources,
    observedAt: newest,
    changesAt,
  }
}

/** The largest of at least one number, of however many: a spread into Math.max has its limit. */
export const largest = (values: readonly number[]): number => values.reduce((a, b) => (b > a ? b : a))

/** The smallest of at least one number. */
export const smallest = (values: readonly number[]): number => values.reduce((a, b) => (b < a ? b : a))

/** The first of these moments; null when there is none. */
export const earliest = (moments: readonly (Date | null)[]): Date | null => {
  let first: Date | null = null
  let soonest = Number.POSITIVE_INFINITY
  for (const at of moments) {
    const time = at === null ? Number.POSITIVE_INFINITY : at.getTime()
    if (time < soonest) {
      first = at
      soonest = time
    }
  }
  return first
}

/** The amounts added up; the same to the last bit whatever order the facts came in. */
export const sum = (signals: readonly Signal[]): number =>
  signals
    .map((s) => s.amount ?? 0)
    .sort((a, b) => a - b)
    .reduce((total, amount) => total + amount, 0)

/** Those that happened within the last `days` days, and when the oldest of them drops out. */
export const within = (
  signals: readonly Signal[],
  at: (s: Signal) => Date | null,
  days: number,
  asOf: Date,
): { kept: Signal[]; changesAt: Date | null } => {
  const from = asOf.getTime() - days * DAY
  const kept: Signal[] = []
  let oldest = Number.POSITIVE_INFINITY
  for (const signal of signals) {
    const time = at(signal)?.getTime()
    if (time === undefined || time <= from) continue
    kept.push(signal)
    if (time < oldest) oldest = time
  }
  return { kept, changesAt: kept.length > 0 ? new Date(oldest + days * DAY) : null }
}

/** The mean of what each account's label is worth; a label nobody knows is worth `other`, or nothing is known by it. */
export const byLabel =
  (kind: JudgedKind, points: ReadonlyMap<string, number>, other: number | null): Measure =>
  ({ facts }) => {
    const said = facts(kind).flatMap((signal) => {
      const worth = signal.label === null ? null : (points.get(signal.label) ?? other)
      return worth === null ? [] : [{ signal, worth }]
    })
    if (said.length === 0) return null
    const total = said.reduce((t, { worth }) => t + worth, 0)
    return measured(
      total / said.length,
      said.map(({ signal }) => signal),
    )
  }
