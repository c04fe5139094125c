/**
 * point   what limits are counted in: an operation counts one for each hundred records it could touch
 * lease   points that a gateway may let through on its own for a moment
 * holder  whose limit it is: a person, a key, or the organisation as a whole
 */
import { type Fault, fault } from './fault.ts'

export interface Limits {
  pointsPerMinute: number
  organisationPointsPerMinute: number
  subscriptions: number
  organisationSubscriptions: number
}

export interface LimitsRow extends Limits {
  version: number
}

/** What holds while nobody has decided anything. */
export const DEFAULT_LIMITS: LimitsRow = {
  pointsPerMinute: 30_000,
  organisationPointsPerMinute: 120_000,
  subscriptions: 200,
  organisationSubscriptions: 5_000,
  version: 0,
}

const LEAST: Limits = {
  pointsPerMinute: 10,
  organisationPointsPerMinute: 10,
  subscriptions: 1,
  organisationSubscriptions: 1,
}
const MOST = 10_000_000
const NAMES = Object.keys(LEAST) as (keyof Limits)[]

/** Limits with what is wished changed; or why that cannot be. */
export const changedLimits = (
  now: Limits,
  wish: { [K in keyof Limits]?: number | null | undefined },
): Limits | Fault => {
  const next = Object.fromEntries(NAMES.map((name) => [name, wish[name] ?? now[name]])) as unknown as Limits
  const wrong = NAMES.find((name) => next[name] < LEAST[name] || next[name] > MOST)
  if (wrong) return fault(wrong, `Choose a number from ${LEAST[wrong]} to ${MOST}.`)
  if (next.organisationPointsPerMinute < next.pointsPerMinute)
    return fault('organisationPointsPerMinute', 'Allow the organisation no less than one of its people.')
  if (next.organisationSubscriptions < next.subscriptions)
    return fault('organisationSubscriptions', 'Allow the organisation no less than one of its people.')
  return next
}

export const WINDOW_MS = 60_000
/** For how long a gateway may let points of a lease through. */
export const LEASE_MS = 10_000
/**
 * For how long a lease counts: its last point may be let through when it ends, and must have left the window by then.
 * So whatever sixty seconds one looks at, no more was let through in them than the limit.
 */
export const COUNTS_MS = WINDOW_MS + LEASE_MS

/** The holder that stands for the whole organisation. */
export const WHOLE = 'organisation'

export const limitOf = (limits: Limits, holder: string): number =>
  holder === WHOLE ? limits.organisationPointsPerMinute : limits.pointsPerMinute

/** What is lent: as much as is wished, and no more than is left. */
export const granted = (wish: number, limit: number, lent: number): number =>
  Math.max(0, Math.min(wish, limit - lent))
