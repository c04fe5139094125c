/**
 * assessor    one way of judging a customer, pure: the same facts, settings, moment and memory give the same
 * memory      what the assessor found the last time, where it needs that: for hysteresis, and to tell what has moved
 * assessment  what all of them find of one customer
 *
 * Facts are read and sorted once for all assessors. How each one's findings are kept and told is said in commands/keepers.ts.
 */
import { type Known, knownAt } from './facts.ts'
import { type Health, type HealthMemory, health } from './health.ts'
import type { SeriesKind } from './kinds.ts'
import type { Settings } from './settings.ts'
import type { Series, Signal } from './signal.ts'

/** What an assessor finds says when time alone makes it find something else; null when it never does. */
export interface Dated {
  dueAt: Date | null
}

/** What is remembered says of which moment it is. */
export interface Remembered {
  asOf: Date
}

export type Assessor<Found extends Dated, Memory extends Remembered> = (
  known: Known,
  settings: Settings,
  memory: Memory | undefined,
) => Found

const judgesHealth: Assessor<Health, HealthMemory> = (known, settings) => health(known, settings.health)

/** All there are, by name. */
export const assessors = { health: judgesHealth } as const

/** What is told day by day and read by one of them: what nobody reads is not fetched. */
export const seriesRead: readonly SeriesKind[] = []

export type AssessorName = keyof typeof assessors
export type Assessment = { [N in AssessorName]: ReturnType<(typeof assessors)[N]> }
export type Memories = { [N in AssessorName]: NonNullable<Parameters<(typeof assessors)[N]>[2]> }

export const assessorNames = Object.keys(assessors) as AssessorName[]

/**
 * Judges one customer.
 * @param signals all facts of all its accounts, in any order
 * @param series the days of its accounts, of the kinds that are read
 * @param asOf the moment the findings are for; what happens later is not known yet
 * @returns what each assessor finds, and the next moment at which time alone makes one of them find something else
 */
export const assess = (
  signals: readonly Signal[],
  series: readonly Series[],
  settings: Settings,
  asOf: Date,
  memories: Partial<Memories> = {},
): { found: Assessment; dueAt: Date | null } => {
  const known = knownAt(signals, asOf, series)
  const found = Object.fromEntries(
    assessorNames.map((name) => [name, assessors[name](known, settings, memories[name])]),
  ) as Assessment
  return { found, dueAt: earliest(assessorNames.map((name) => found[name].dueAt)) }
}

const earliest = (moments: readonly (Date | null)[]): Date | null =>
  moments.reduce((first, at) => (first === null || (at !== null && at < first) ? at : first), null)
