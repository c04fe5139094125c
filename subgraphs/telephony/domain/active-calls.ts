import { isId } from '#kernel/ids.ts'
import { AHEAD_MS } from './usage.ts'

/** How many calls were under way over a trunk at a moment, as the platform counted them. */
export interface ActiveCalls {
  trunkId: string
  at: Date
  activeCalls: number
}

/** A count says how it is now for so long. */
const CURRENT_MS = 10 * 60_000

/** Counts that are younger than this say how it is now. */
export const currentSince = (now: Date): Date => new Date(now.getTime() - CURRENT_MS)

const HOUR_MS = 3_600_000
/** Records and counts that come later change no hour any more. */
export const LATEST_MS = 72 * HOUR_MS
const MOST_CALLS = 1_000_000

/** What is wrong with a count, for people; null when nothing is. */
export const flawInActiveCalls = ({ trunkId, at, activeCalls }: ActiveCalls, now: Date): string | null => {
  if (!isId(trunkId)) return 'trunkId must be the id of a trunk.'
  if (at.getTime() > now.getTime() + AHEAD_MS) return 'at lies in the future.'
  if (at.getTime() < now.getTime() - LATEST_MS)
    return 'at is longer ago than the 72 hours that are kept open.'
  if (activeCalls < 0 || activeCalls > MOST_CALLS)
    return `activeCalls must be a whole number from 0 to ${MOST_CALLS}.`
  return null
}
