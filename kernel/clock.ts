/** Time is an input: everything that needs the time takes a Clock, so that tests and replays decide what time it is. */
export interface Clock {
  now(): Date
}

/** The machine's own time. The only place in the code that reads it. */
export const systemClock: Clock = { now: () => new Date() }

/** A clock that stands still until it is told to move. */
export class TestClock implements Clock {
  #now: number
  constructor(start: Date | string) {
    this.#now = new Date(start).getTime()
  }
  now(): Date {
    return new Date(this.#now)
  }
  /** Moves the clock by `ms` milliseconds; negative values move it back. */
  advance(ms: number): void {
    this.#now += ms
  }
  /** Sets the clock to an instant. */
  set(to: Date | string): void {
    this.#now = new Date(to).getTime()
  }
}

/** Waits `ms` milliseconds of real time; resolves early, without throwing, when the signal aborts. */
export const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })

export interface Repeating {
  /** Rest between two rounds, in milliseconds. */
  everyMs: number
  /** Rest that no wake shortens, so that what comes in handfuls is one round. Default none. */
  gatherMs?: number
  /** Told of a round's error, which does not keep the next one from its turn. */
  failed(error: unknown): void
}

/** Rounds that go on until they are disposed, which ends the rest or waits for the round under way. */
export interface Rounds extends AsyncDisposable {
  /** Has the next round begin now, or right after the one under way. */
  wake(): void
}

/**
 * Does something round after round, the first at once.
 * @param round gets a signal that aborts on disposal, and its number, counted from 0
 */
export const repeat = (
  round: (signal: AbortSignal, number: number) => Promise<unknown>,
  { everyMs, gatherMs = 0, failed }: Repeating,
): Rounds => {
  const stopping = new AbortController()
  let resting = new AbortController()
  const loop = async () => {
    for (let number = 0; !stopping.signal.aborted; number++) {
      resting = new AbortController()
      await round(stopping.signal, number).catch(failed)
      await sleep(everyMs, resting.signal)
      if (gatherMs > 0) await sleep(gatherMs, stopping.signal)
    }
  }
  const looping = loop()
  return {
    wake: () => resting.abort(),
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      resting.abort()
      await looping
    },
  }
}
