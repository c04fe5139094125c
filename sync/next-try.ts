import { backoff } from '#kernel/backoff.ts'

/** Tries that follow each other within seconds; only then does waiting help. */
const QUICK_TRIES = 3
const QUICK_MS = 1000
const SLOW_MS = 15 * 60_000
const LONGEST_MS = 24 * 3_600_000

/**
 * When a record that could not be stored is tried again.
 * @param attempt tries so far, at least 1
 */
export const nextTry = (attempt: number, now: Date, random: number): Date => {
  const waitMs =
    attempt < QUICK_TRIES
      ? QUICK_MS * attempt
      : backoff(attempt - QUICK_TRIES + 1, random, SLOW_MS, LONGEST_MS)
  return new Date(now.getTime() + waitMs)
}
