/**
 * What the answer to a question hangs on, told to a gateway that wants to keep it: the tables that were looked into, and for how
 * long it holds if nothing is touched in them. An answer that hangs on anything else is told without it, and is kept by nobody.
 */
import { subscribe } from 'node:diagnostics_channel'
import { Reading } from '#db/reading.ts'
import type { TableNames } from '#db/touched.ts'
import type { Clock } from '#kernel/clock.ts'

/** Sent by who wants to be told, with any value; answered with the names of the tables, separated by commas. */
export const READ_HEADER = 'x-hub-read'
/** For how many milliseconds the answer holds at most; absent: as long as no table of it is touched. */
export const HOLDS_HEADER = 'x-hub-holds'

// Whatever another system says is its own to change: both ways of Node to ask one tell of it before they do.
for (const channel of ['http.client.request.created', 'undici:request:create'])
  subscribe(channel, () => Reading.current()?.passes())

const DAY_MS = 86_400_000

/** A clock that has it noticed that an answer hangs on what time it is. */
class NoticingClock implements Clock {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): Date {
    const now = this.#clock.now()
    Reading.current()?.readsClock(now)
    return now
  }

  /** See `isPast`. */
  isPast(at: Date): boolean {
    const past = at <= this.#clock.now()
    if (!past) Reading.current()?.holdsBefore(at.getTime())
    return past
  }

  /** See `inSteps`. */
  inSteps(ms: number): Date {
    const step = stepOf(this.#clock, ms)
    Reading.current()?.holdsBefore(step.getTime() + ms)
    return step
  }
}

/** The clock for resolvers. */
export const noticing = (clock: Clock): Clock => new NoticingClock(clock)

/**
 * Whether a moment has come. An answer that hangs on it holds until then, where one that reads the clock itself holds for a
 * moment only.
 */
export const isPast = (clock: Clock, at: Date): boolean =>
  clock instanceof NoticingClock ? clock.isPast(at) : at <= clock.now()

/**
 * The time by a clock that goes on in steps: an answer that hangs on it holds for the rest of the step.
 * @param ms how long a step is; a day is one in UTC @returns when the step began
 */
export const inSteps = (clock: Clock, ms: number): Date =>
  clock instanceof NoticingClock ? clock.inSteps(ms) : stepOf(clock, ms)

/** When the day that it is began in UTC: an answer that hangs on it holds for the rest of the day. */
export const today = (clock: Clock): Date => inSteps(clock, DAY_MS)

const stepOf = (clock: Clock, ms: number): Date => new Date(Math.floor(clock.now().getTime() / ms) * ms)

/** The headers that tell what was read; none when nobody could tell of it if the answer became another one. */
export const headersOf = async (
  reading: Reading,
  names: TableNames,
  clock: Clock,
): Promise<Readonly<Record<string, string>>> => {
  const holdsMs = Math.floor(reading.holdsUntil - clock.now().getTime())
  // Without any table it came from this process alone, and what that holds may change unseen.
  if (reading.isPassing || reading.relations.size === 0 || holdsMs <= 0) return {}
  const tables = await names.of(reading.relations)
  return {
    [READ_HEADER]: tables.sort().join(),
    ...(Number.isFinite(holdsMs) ? { [HOLDS_HEADER]: String(holdsMs) } : {}),
  }
}
