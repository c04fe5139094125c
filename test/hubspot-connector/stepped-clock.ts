import { setImmediate as turn } from 'node:timers/promises'
import type { FastClock } from './fast-clock.ts'

/** A clock that stands still while anything works, and goes on to whoever waits for the next moment: no machine is too slow for it. */
export const steppedClock = (start = '2026-11-20T12:00:00Z'): FastClock => {
  let now = Date.parse(start)
  const waiting: { at: number; go: () => void }[] = []
  let isGoing = false
  const goOn = async () => {
    for (isGoing = true; waiting.length > 0; ) {
      // Everybody who can do something at this moment does it first.
      for (let n = 0; n < 3; n++) await turn()
      const next = waiting.sort((a, b) => a.at - b.at).shift()
      now = Math.max(now, next?.at ?? now)
      next?.go()
    }
    isGoing = false
  }
  return {
    now: () => new Date(now),
    pause: (ms) =>
      new Promise((resolve) => {
        waiting.push({ at: now + ms, go: resolve })
        if (!isGoing) void goOn()
      }),
  }
}
