import { type Clock, sleep } from '#kernel/clock.ts'
import type { BucketState, PgLimiter } from './limiter.ts'

/** From which share of the window on calls are spread. What may come at once before is missing for the rest of the window. */
const SPREAD_FROM = 0.15
/** A fifth of what is allowed stays for others. */
const SPREAD = 1.25
/** How much longer a wait becomes with each hundredth of the window beyond that share. */
const YIELD_FROM = 0.85
const YIELD = 0.08

/**
 * How long a call had better wait so that the next ones need not wait for long: a window that is used up at once leaves nothing for
 * its rest. The first calls do not wait; then they come evenly, a little slower than allowed; what nears the limit yields, so that
 * people who wait for an answer find some left.
 */
export const paceMs = ({
  max,
  used,
  intervalMs,
}: Pick<BucketState, 'max' | 'used' | 'intervalMs'>): number => {
  if (max === null || used === null || intervalMs === null || used < max * SPREAD_FROM) return 0
  const beyond = Math.max(0, used / max - YIELD_FROM) * 100
  return Math.ceil((intervalMs / max) * (SPREAD + beyond * YIELD))
}

/** A budget whose calls are spread. */
export interface Paced extends Pick<PgLimiter, 'acquire' | 'observe'> {
  /** Takes a place for the next call when its turn has come: that call then need not wait. */
  turn(signal?: AbortSignal): Promise<void>
}

/** Lets what is given to it begin one after the other. */
export type Queue = <T>(work: () => Promise<T>) => Promise<T>

/** Callers that would otherwise wait for the same moment, and then all call at once, take turns. */
export const openQueue = (): Queue => {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const next = last.then(work)
    last = next.catch(() => undefined)
    return next
  }
}

interface Around {
  clock: Clock
  /** The bucket whose calls take turns. */
  bucket: string
  /** Shared by everybody of this process who calls with this budget. */
  queue: Queue
  pause?: typeof sleep
}

/** The same budget for work that comes drop by drop and is wanted soon: its calls are spread over the window. */
export const paced = (limiter: PgLimiter, around: Around): Paced => {
  const { clock, bucket: own, queue, pause = sleep } = around
  let hasPlace = false
  const take: Paced['acquire'] = (bucket, options = {}) =>
    queue(async () => {
      const [state] = await limiter.state([bucket])
      const since = clock.now().getTime() - (state?.lastAt?.getTime() ?? 0)
      const waitMs = state ? paceMs(state) - Math.max(0, since) : 0
      if (waitMs > 0) await pause(waitMs, options.signal)
      await limiter.acquire(bucket, options)
    })
  return {
    turn: async (signal) => {
      await take(own, signal ? { signal } : {})
      hasPlace = true
    },
    acquire: async (bucket, options) => {
      if (bucket !== own || !hasPlace) return await take(bucket, options)
      hasPlace = false
    },
    observe: (bucket, seen) => limiter.observe(bucket, seen),
  }
}
