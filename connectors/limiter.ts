import { type Clock, sleep } from '#kernel/clock.ts'
import { VendorBusy } from './contract.ts'

/**
 * The budget of calls that one account of a vendor grants us, shared by everything that calls it.
 * A *bucket* is one limit: HubSpot has `burst` (calls in 10 s), `search` (searches in 1 s) and `daily`, which is only observed.
 */
export interface Limiter {
  /**
   * Waits until one call of this bucket may start and takes its place: no interval of the limit ever holds more calls than its maximum.
   * A ban holds every caller until it ends.
   * @param options.interactive a person waits: may use the reserve that background work leaves alone
   * @param options.patienceMs how long the caller is willing to wait
   * @throws an error with `after`, at once, when the place would come later than the patience lasts
   * @throws the signal's reason when it aborts
   */
  acquire(bucket: string, options?: AcquireOptions): Promise<void>
  /** Tells what an answer revealed of the limit. A ban (`banUntil`) counts for all callers in all processes and never shortens. */
  observe(bucket: string, seen: Observation): Promise<void>
}

export interface AcquireOptions {
  signal?: AbortSignal
  interactive?: boolean
  patienceMs?: number
}

export interface Observation {
  /** Calls allowed per interval. */
  max?: number
  /** Calls left in the running interval, by the vendor's count. */
  remaining?: number
  intervalMs?: number
  /** No call before this instant. */
  banUntil?: Date
}

interface Bucket {
  max: number
  intervalMs: number
  /** Start instants of the calls of the last interval, ascending. */
  starts: number[]
  bannedUntil: number
}

/** One limit: how many calls in which sliding interval. */
export interface Limit {
  max: number
  intervalMs: number
}

/**
 * A limiter for one process: tests and tools. Sliding window, so that no interval holds more than the maximum
 * (a token bucket would let twice the maximum through in its first interval).
 * @param options.marginMs added to each interval: the vendor counts arrivals, we count departures, and the way between them varies
 * @param options.reserve share of each limit that only interactive callers may use, 0 … 1
 */
export const memoryLimiter = (options: {
  clock: Clock
  limits?: Record<string, Limit>
  marginMs?: number
  reserve?: number
  pause?: typeof sleep
}): Limiter => {
  const { clock, marginMs = 50, reserve = 0, pause = sleep } = options
  const buckets = new Map<string, Bucket>()
  const bucketOf = (name: string): Bucket => {
    const found = buckets.get(name)
    if (found) return found
    const limit = options.limits?.[name] ?? { max: Number.POSITIVE_INFINITY, intervalMs: 10_000 }
    const made = { ...limit, starts: [], bannedUntil: 0 }
    buckets.set(name, made)
    return made
  }
  const waitOf = (bucket: Bucket, now: number, interactive: boolean): number => {
    const horizon = now - bucket.intervalMs - marginMs
    while (bucket.starts[0] !== undefined && bucket.starts[0] <= horizon) bucket.starts.shift()
    const max = interactive ? bucket.max : Math.max(1, Math.floor(bucket.max * (1 - reserve)))
    const blocking = bucket.starts[bucket.starts.length - max]
    const forWindow = blocking === undefined ? 0 : blocking - horizon
    return Math.max(forWindow, bucket.bannedUntil - now)
  }
  return {
    acquire: async (name, { signal, interactive = false, patienceMs = Number.POSITIVE_INFINITY } = {}) => {
      const bucket = bucketOf(name)
      const giveUpAt = clock.now().getTime() + patienceMs
      for (;;) {
        signal?.throwIfAborted()
        const now = clock.now().getTime()
        const wait = waitOf(bucket, now, interactive)
        if (wait <= 0) {
          bucket.starts.push(now)
          return
        }
        if (now + wait > giveUpAt)
          throw VendorBusy.with({ vendor: 'The vendor' }, { after: new Date(now + wait) })
        await pause(Math.ceil(wait), signal)
      }
    },
    observe: async (name, seen) => {
      const bucket = bucketOf(name)
      if (seen.max !== undefined && seen.max > 0) bucket.max = seen.max
      if (seen.intervalMs !== undefined && seen.intervalMs > 0) bucket.intervalMs = seen.intervalMs
      if (seen.banUntil) bucket.bannedUntil = Math.max(bucket.bannedUntil, seen.banUntil.getTime())
    },
  }
}
