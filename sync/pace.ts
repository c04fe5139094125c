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

/** The same budget for work that comes drop by drop and is wanted soon: its calls are spread over the window. */
export const paced = (
  limiter: PgLimiter,
  { clock, pause = sleep }: { clock: Clock; pause?: typeof sleep },
): Pick<PgLimiter, 'acquire' | 'observe'> => ({
  acquire: async (bucket, options = {}) => {
    const [state] = await limiter.state([bucket])
    const since = clock.now().getTime() - (state?.lastAt?.getTime() ?? 0)
    const waitMs = state ? paceMs(state) - Math.max(0, since) : 0
    if (waitMs > 0) await pause(waitMs, options.signal)
    await limiter.acquire(bucket, options)
  },
  observe: (bucket, seen) => limiter.observe(bucket, seen),
})
