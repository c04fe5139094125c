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
