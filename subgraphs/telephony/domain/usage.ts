import { idFrom, isId } from '#kernel/ids.ts'
import type { Money } from '#kernel/money.ts'

/**
 * record  a call that has ended, or a text message, as the platform tells of it once
 * point   what records of a stretch of time add up to; a record belongs to the moment it began
 * grain   how long such a stretch is
 */
export interface UsageRecord {
  /** The hub's own id, made from the platform's. */
  id: string
  trunkId: string
  kind: 'CALL' | 'MESSAGE'
  startedAt: Date
  answered: boolean
  /** Whole seconds that were talked. */
  seconds: number
  class: UsageClass
}

export const USAGE_CLASSES = ['LOCAL', 'TOLLFREE', 'MOBILE', 'INTERNATIONAL'] as const
export type UsageClass = (typeof USAGE_CLASSES)[number]

export type UsageGrain = 'MINUTE' | 'QUARTER_HOUR' | 'HOUR' | 'DAY'

/** What went over trunks in a stretch of time. */
export interface UsagePointRow {
  from: Date
  /** Tried, and of those answered. */
  calls: number
  completed: number
  seconds: number
  messages: number
  /** What it cost, where that can be said. */
  spend?: () => Promise<Money | null>
}

/** Single records are kept for so many days; what they add up to stays. */
export const RECORDS_KEPT_DAYS = 95

const DAY_MS = 86_400_000
const LONGEST_SECONDS = 86_400
/** Clocks of the platform may be ahead of ours by so much: ten minutes happen, and what is refused for them is lost. */
export const AHEAD_MS = 15 * 60_000

/** The first moment of which records are still kept: a midnight of UTC. */
export const keptSince = (now: Date): Date =>
  new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS - RECORDS_KEPT_DAYS * DAY_MS)

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/

const instantOf = (value: unknown): Date | null => {
  if (value instanceof Date) return value
  if (typeof value !== 'string' || !INSTANT.test(value)) return null
  const instant = new Date(value)
  return Number.isNaN(instant.getTime()) ? null : instant
}

/**
 * Reads one record as the platform or a program sent it.
 * @param told an object with id, trunkId, kind and startedAt, and where they matter answered, seconds and class
 * @returns the record, or a sentence that says what is wrong with it and quotes nothing of it
 */
export const readUsage = (told: unknown, now: Date): UsageRecord | string => {
  if (typeof told !== 'object' || told === null || Array.isArray(told)) return 'It is no object.'
  const { id, trunkId, kind, startedAt, answered = true, seconds = 0 } = told as Record<string, unknown>
  const destination = (told as { class?: unknown }).class ?? 'LOCAL'
  if (typeof id !== 'string' || id === '' || id.length > 100)
    return 'id must be a text of 1 to 100 characters.'
  if (typeof trunkId !== 'string' || !isId(trunkId)) return 'trunkId must be the id of a trunk.'
  if (kind !== 'CALL' && kind !== 'MESSAGE') return 'kind must be CALL or MESSAGE.'
  const began = instantOf(startedAt)
  if (!began) return 'startedAt must be an instant with its time zone, such as 2026-11-21T09:30:00Z.'
  if (began.getTime() > now.getTime() + AHEAD_MS) return 'startedAt lies in the future.'
  if (began < keptSince(now))
    return `startedAt is longer ago than the ${RECORDS_KEPT_DAYS} days that are kept.`
  if (typeof answered !== 'boolean') return 'answered must be true or false.'
  if (!Number.isInteger(seconds) || (seconds as number) < 0 || (seconds as number) > LONGEST_SECONDS)
    return `seconds must be a whole number from 0 to ${LONGEST_SECONDS}.`
  if ((kind === 'MESSAGE' || !answered) && seconds !== 0)
    return 'seconds must be 0 for a message and for a call that nobody answered.'
  if (!(USAGE_CLASSES as readonly unknown[]).includes(destination))
    return `class must be one of ${USAGE_CLASSES.join(', ')}.`
  return {
    id: isId(id) ? id.toLowerCase() : idFrom('usage', id),
    trunkId: trunkId.toLowerCase(),
    kind,
    startedAt: began,
    answered: kind === 'CALL' && answered,
    seconds: seconds as number,
    class: destination as UsageClass,
  }
}

/** The most points of one answer. */
export const MOST_POINTS = 1500

const LONGEST_MS: Readonly<Record<UsageGrain, number>> = {
  MINUTE: 60_000,
  QUARTER_HOUR: 900_000,
  HOUR: 3_600_000,
  DAY: DAY_MS,
}

/** Whether a stretch of time has no more points than are answered at once, and does not end before it begins. */
export const isAnswerable = (from: Date, to: Date, grain: UsageGrain): boolean =>
  to > from && (to.getTime() - from.getTime()) / LONGEST_MS[grain] <= MOST_POINTS

/** Answer-seizure ratio: of the calls tried, the share that was answered (ITU-T E.411). Null when none was tried. */
export const answerRatio = ({
  calls,
  completed,
}: Pick<UsagePointRow, 'calls' | 'completed'>): number | null => (calls === 0 ? null : completed / calls)

/** Average call duration: seconds of an answered call. Null when none was answered. */
export const averageSeconds = ({
  completed,
  seconds,
}: Pick<UsagePointRow, 'completed' | 'seconds'>): number | null =>
  completed === 0 ? null : seconds / completed
