import { type Clock, sleep } from '#kernel/clock.ts'

/** A clock that runs `factor` times as fast as the machine's, with waits to match: ten-second limits are proved in half a second. */
export interface FastClock extends Clock {
  pause: typeof sleep
}

export const fastClock = (factor = 20, start = '2026-11-20T12:00:00Z'): FastClock => {
  const began = performance.now()
  const from = Date.parse(start)
  return {
    now: () => new Date(from + (performance.now() - began) * factor),
    pause: (ms, signal) => sleep(ms / factor, signal),
  }
}
