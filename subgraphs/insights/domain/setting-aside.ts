const FIRST_MS = 60_000
const LONGEST_MS = 3_600_000

/**
 * When a customer that could not be judged is tried again, should its facts not change before: a minute after the first
 * failure, then twice as long each time, an hour at most.
 * @param failures how often in a row it could not be judged, this time included
 */
export const triedAgainAt = (failures: number, at: Date): Date =>
  new Date(at.getTime() + Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1)))
