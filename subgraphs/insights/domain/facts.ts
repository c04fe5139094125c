import type { SeriesKind, SignalKind } from './kinds.ts'
import type { Series, Signal } from './signal.ts'

/**
 * Kinds of facts that customers are judged by. The others are kept and shown; they are neither fetched nor do they make a customer judged
 * anew. A method that reads one more puts it here, and does not compile before.
 */
export const kindsJudged = [
  'company',
  'contact',
  'deal',
  'ticket',
  'rfq',
  'order',
  'billing',
  'account-status',
  'trunk',
  'invoice',
  'payment',
  'usage-alert',
  'seats',
  'devices',
  'unhealthy-devices',
  'satisfaction',
  'meeting',
  'news',
] as const satisfies readonly SignalKind[]
export type JudgedKind = (typeof kindsJudged)[number]

/** The facts of one kind about one customer. */
export type Facts<Kind extends SignalKind = JudgedKind> = (kind: Kind) => readonly Signal[]

/** What is known of one customer at a moment: sorted once, and read by whatever judges it. */
export interface Known<Kind extends SignalKind = JudgedKind> {
  facts: Facts<Kind>
  /** What was told day by day, account by account; days after the moment's own are not known yet. */
  series: (kind: SeriesKind) => readonly Series[]
  asOf: Date
  /** When the first thing happens that is dated later; null when nothing is. */
  nextAt: Date | null
}

const NONE: readonly Signal[] = []

/**
 * The facts as they stood at a moment: what was to happen later had not happened.
 * @param signals all facts of all accounts of one customer, in any order
 * @param series days of those kinds that somebody reads
 */
export const knownAt = (
  signals: readonly Signal[],
  asOf: Date,
  series: readonly Series[] = [],
): Known<SignalKind> => {
  const at = asOf.getTime()
  const today = asOf.toISOString().slice(0, 10)
  let next = Number.POSITIVE_INFINITY
  const isLater = (moment: Date | null): boolean => {
    const time = moment?.getTime() ?? 0
    if (time <= at) return false
    if (time < next) next = time
    return true
  }
  // Days are told once they are over: one that is dated later is a source whose clock is ahead.
  for (const { days } of series)
    if (days.length > 0 && days.at(-1)!.day > today)
      isLater(new Date(days.find(({ day }) => day > today)!.day))
  const byKind = new Map<SignalKind, Signal[]>()
  for (const signal of signals) {
    const [begins, ends] = [isLater(signal.happenedAt), isLater(signal.endedAt)]
    const fact =
      begins || ends
        ? {
            ...signal,
            happenedAt: begins ? null : signal.happenedAt,
            endedAt: ends ? null : signal.endedAt,
          }
        : signal
    const held = byKind.get(signal.kind)
    if (held) held.push(fact)
    else byKind.set(signal.kind, [fact])
  }
  return {
    facts: (kind) => byKind.get(kind) ?? NONE,
    // Of an account of which every day was taken back, or is dated later, nothing is told.
    series: (kind) =>
      series
        .filter((one) => one.kind === kind)
        .map((one) => ({ ...one, days: one.days.filter(({ day }) => day <= today) }))
        .filter(({ days }) => days.length > 0),
    asOf,
    nextAt: Number.isFinite(next) ? new Date(next) : null,
  }
}
