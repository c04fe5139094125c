import { type Clock, sleep } from '#kernel/clock.ts'

/**
 * Stops calling a vendor that is in trouble, and finds out by single probes when it is well again.
 * *closed*: calls pass · *open*: nobody calls until the cool-down ends · *half-open*: one probe is under way, the others wait for its outcome.
 */
export interface Circuit {
  readonly state: 'closed' | 'open' | 'half-open'
  /**
   * Waits until a call may start. The caller reports the outcome by exactly one method of the pass.
   * @param patienceMs how long to wait at most
   * @returns undefined when the circuit stays open for longer than that; `opensAt` then tells when a probe is due
   */
  enter(patienceMs: number, signal?: AbortSignal): Promise<Pass | undefined>
  /** When the next probe may start. */
  readonly opensAt: Date
}

export interface Pass {
  /** Whether the circuit still lets this call through. Asked after a wait between entering and calling. */
  isGood(): boolean
  /** The vendor answered, whatever it said: also a refusal shows that it is well. */
  succeeded(): void
  /** The vendor did not answer usefully. */
  failed(): void
  /** The vendor asks for quiet without saying until when: opens at once, whatever the threshold. @returns when a probe is due */
  held(firstMs: number, maxMs: number): Date
  /** Nothing was learnt, such as when the caller gave up before the call. */
  abandoned(): void
}

/**
 * @param options.threshold failures in a row that open the circuit
 * @param options.maxInFlight calls under way at a time. Those under way when the circuit opens still fail: threshold + maxInFlight − 1 is
 * the most a vendor in trouble sees of us, and stays below ten
 * @param options.coolDownMs first wait before a probe; doubles with every failed probe up to `maxCoolDownMs`
 */
export const openCircuit = (options: {
  clock: Clock
  random(): number
  threshold?: number
  maxInFlight?: number
  coolDownMs?: number
  maxCoolDownMs?: number
  pause?: typeof sleep
}): Circuit => {
  const { clock, random, threshold = 4, maxInFlight = 5, pause = sleep } = options
  const { coolDownMs = 1000, maxCoolDownMs = 30_000 } = options
  let inFlight = 0
  let failures = 0
  let probes = 0
  let openUntil = 0
  let open = false
  let probing = false
  // Everybody hears of a turn; a place that becomes free is told to one, or hundreds would wake for each.
  let turned = Promise.withResolvers<void>()
  const queue: (() => void)[] = []

  const turn = () => {
    const before = turned
    turned = Promise.withResolvers<void>()
    before.resolve()
  }
  const state = () => (probing ? 'half-open' : open ? 'open' : 'closed')
  const shut = () => {
    failures = 0
    probes = 0
    open = false
    openUntil = 0
    probing = false
  }
  const hold = (ms: number) => {
    open = true
    probing = false
    openUntil = Math.max(openUntil, clock.now().getTime() + ms)
  }
  const trip = (firstMs: number, maxMs: number) => {
    const base = Math.min(maxMs, firstMs * 2 ** probes)
    probes += 1
    // Never below the base: the cool-down is also the promise of at most one probe per second.
    hold(base * (1 + 0.2 * random()))
  }
  const passOf = (probe: boolean): Pass => {
    let told = false
    const once = (report: () => void) => {
      if (told) return
      told = true
      inFlight -= 1
      const before = state()
      report()
      if (state() !== before) turn()
      else queue.shift()?.()
    }
    inFlight += 1
    return {
      isGood: () => probe || !open,
      succeeded: () =>
        once(() => {
          // A straggler that started before the circuit opened does not close it: only a probe does.
          if (probe) shut()
          else if (!open) failures = 0
        }),
      failed: () =>
        once(() => {
          failures += 1
          if (probe || (!open && failures >= threshold)) trip(coolDownMs, maxCoolDownMs)
        }),
      held: (firstMs, maxMs) => {
        once(() => {
          // Stragglers were sent before the quiet began: they say nothing about whether it helped.
          if (probe || !open) trip(firstMs, maxMs)
        })
        return new Date(openUntil)
      },
      abandoned: () =>
        once(() => {
          if (probe) probing = false
        }),
    }
  }

  return {
    get state() {
      return state()
    },
    get opensAt() {
      return new Date(openUntil)
    },
    enter: async (patienceMs, signal) => {
      const giveUpAt = clock.now().getTime() + patienceMs
      for (;;) {
        const now = clock.now().getTime()
        const mayEnter = !signal?.aborted && now <= giveUpAt
        if (mayEnter && !open && inFlight < maxInFlight) return passOf(false)
        if (mayEnter && open && !probing && now >= openUntil) {
          probing = true
          return passOf(true)
        }
        if (!mayEnter) queue.shift()?.()
        signal?.throwIfAborted()
        // Either an instant is known, or somebody's outcome will tell.
        const until = open && !probing ? openUntil : giveUpAt
        if (until > giveUpAt || now >= giveUpAt) return undefined
        const quiet = new AbortController()
        const stop = signal ? AbortSignal.any([signal, quiet.signal]) : quiet.signal
        const place = Promise.withResolvers<void>()
        queue.push(place.resolve)
        await Promise.race([pause(Math.ceil(until - now), stop), turned.promise, place.promise])
        const at = queue.indexOf(place.resolve)
        if (at >= 0) queue.splice(at, 1)
        quiet.abort()
      }
    },
  }
}
