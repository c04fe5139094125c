/**
 * When an event is sent to a partner again, and when a partner is given up.
 *
 * try    one time that an event is sent
 * rest   how long an address is left alone after it has failed, whatever waits for it
 */
import { backoff } from '#kernel/backoff.ts'
import { withoutPersons } from '#kernel/mask.ts'
import { type PartnerEventName, partnerEvents } from '#schema/events.ts'

const [SECOND, MINUTE, HOUR, DAY] = [1000, 60_000, 3_600_000, 86_400_000]

/** How long after each failed try the next one is made: the schedule that Standard Webhooks recommends. */
const WAITS_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]
/** Waits are longer by up to this part, by chance: what failed together is not tried together. */
const JITTER = 0.2
/** Nothing has reached it for so long: nobody is there. */
const GIVEN_UP_AFTER_MS = 5 * DAY
const FIRST_REST_MS = 2 * SECOND
const LONGEST_REST_MS = 15 * MINUTE
/** What is kept of an answer. */
const SHOWN = 200
const GONE = 410

/** What is sent to whom. */
export interface Sending {
  to: { url: string; secrets: readonly string[] }
  message: { id: string; body: string }
  at: Date
}

/** An event as it is sent: the same bytes whenever it is. */
export const messageOf = ({
  id,
  event,
  at,
  data,
}: {
  id: string
  event: PartnerEventName
  at: Date
  data: object
}): Sending['message'] => ({
  id,
  body: JSON.stringify({ type: partnerEvents[event].type, timestamp: at.toISOString(), data }),
})

/** What came of sending. */
export interface Sent {
  /** Null when there was no answer. */
  status: number | null
  answer: string
  /** A code when there was no answer. */
  error: string | null
  ms: number
  /** How long the partner wants to be left alone. */
  retryAfterMs: number | undefined
}

export type Verdict = 'DELIVERED' | 'GONE' | 'UNWELL' | 'REFUSED'

/**
 * What an answer means: taken; the address is gone for good; the address is not well, so that nothing else should be sent to it now; or this
 * one event was not taken. A redirect is not followed, and so it is a refusal.
 */
export const verdictOf = ({ status }: Pick<Sent, 'status'>): Verdict => {
  if (status === null || status >= 500 || status === 429 || status === 408) return 'UNWELL'
  if (status >= 200 && status < 300) return 'DELIVERED'
  return status === GONE ? 'GONE' : 'REFUSED'
}

/**
 * When an event that was not taken is sent again.
 * @param tries how often it was sent
 * @param random a number in [0, 1)
 * @returns null when it was sent often enough
 */
export const nextTry = (
  tries: number,
  now: Date,
  random: number,
  retryAfterMs: number | undefined,
): Date | null => {
  const wait = WAITS_MS[tries - 1]
  if (wait === undefined) return null
  return new Date(now.getTime() + Math.max(wait * (1 + JITTER * random), retryAfterMs ?? 0))
}

/**
 * Until when an address that has failed is left alone.
 * @param failures how often in a row, this one included
 */
export const restUntil = (
  failures: number,
  now: Date,
  random: number,
  retryAfterMs: number | undefined,
): Date => {
  const rest = backoff(failures, random, FIRST_REST_MS, LONGEST_REST_MS)
  return new Date(now.getTime() + Math.max(rest, retryAfterMs ?? 0))
}

/** Whether a partner that nothing has reached since a moment is given up. */
export const isGivenUp = (failingSince: Date, now: Date): boolean =>
  now.getTime() - failingSince.getTime() >= GIVEN_UP_AFTER_MS

/** As much of an answer as may be kept: its beginning, without what looks like secrets or persons; null when it is empty. */
export const shownAnswer = (text: string): string | null => {
  const shown = withoutPersons(
    text
      .slice(0, SHOWN * 4)
      .toWellFormed()
      .replaceAll('\0', ''),
  ).slice(0, SHOWN)
  return shown.trim() === '' ? null : shown
}

/** Why a webhook was given up. */
export const DISABLED_BECAUSE = {
  GONE: 'The address answered 410: it is gone. Resume the webhook when it is there again.',
  FAILING:
    'Nothing has reached the address for five days. Resume the webhook when it works again, and replay what it missed.',
} as const
export type DisabledBecause = keyof typeof DISABLED_BECAUSE
