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
  /** The vendor answered, whatever it said. */
  succeeded(): void
  /** The vendor did not answer usefully. */
  failed(): void
  /** The vendor asks for quiet without saying until when: opens at once, whatever the threshold. @returns when a probe is due */
  held(firstMs: number, maxMs: number): Date
  /** Nothing was learnt, such as when the caller gave up before the call. */
  abandoned(): void
}

/**
 * @param options.threshold failures in a row that open the circuit. Calls already under way then still fail, so it is well below ten
 * @param options.coolDownMs first wait before a probe; doubles with every failed probe up to `maxCoolDownMs`
 */
export const openCircuit = (options: {
  clock: Clock
  random(): number
  threshold?: number
  coolDownMs?: number
  maxCoolDownMs?: number
  pause?: typeof sleep
}): Circuit => {
  const { clock, random, threshold = 5, coolDownMs = 1000, maxCoolDownMs = 30_000, pause = sleep } = options
  let failures = 0
  let probes = 0
  let openUntil = 0
  let open = false
  let probing = false
  let turned = Promise.withResolvers<void>()

  const turn = () => {
    const before = turned
    turned = Promise.withResolvers<void>()
    before.resolve()
  }
  const shut = () => {
    failures = 0
    probes = 0
    open = false
    openUntil = 0
    probing = false
    turn()
  }
  const hold = (ms: number) => {
    open = true
    probing = false
    openUntil = Math.max(openUntil, clock.now().getTime() + ms)
    turn()
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
      report()
    }
    return {
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
          if (!probe) return
          probing = false
          turn()
        }),
    }
  }

  return {
    get state() {
      return probing ? 'half-open' : open ? 'open' : 'closed'
    },
    get opensAt() {
      return new Date(openUntil)
    },
    enter: async (patienceMs, signal) => {
      const giveUpAt = clock.now().getTime() + patienceMs
      for (;;) {
        signal?.throwIfAborted()
        if (!open) return passOf(false)
        const now = clock.now().getTime()
        if (!probing && now >= openUntil) {
          probing = true
          return passOf(true)
        }
        const wait = probing ? giveUpAt - now : openUntil - now
        if (wait <= 0 || now + wait > giveUpAt) return undefined
        const quiet = new AbortController()
        const stop = signal ? AbortSignal.any([signal, quiet.signal]) : quiet.signal
        await Promise.race([pause(Math.ceil(wait), stop), turned.promise])
        quiet.abort()
      }
    },
  }
}
