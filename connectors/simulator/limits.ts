import { ControlRefusal } from './exchange.ts'

/** So many requests in any window of so many milliseconds, per portal. A window of `day` is the UTC calendar day. */
export interface LimitPolicy {
  name: string
  max: number
  windowMs: number | 'day'
}

export type Admission =
  | { admitted: true; remaining: Readonly<Record<string, number>> }
  | { admitted: false; policy: LimitPolicy; freeInMs: number }

const DAY_MS = 86_400_000

// A queue of arrival times: a sliding log, exact where a token bucket would let twice the limit through at once.
class Window {
  #times: number[] = []
  #first = 0
  count(now: number, windowMs: number): number {
    while (this.#first < this.#times.length && now - this.#times[this.#first]! >= windowMs) this.#first += 1
    if (this.#first > 1_000) {
      this.#times = this.#times.slice(this.#first)
      this.#first = 0
    }
    return this.#times.length - this.#first
  }
  add(now: number): void {
    this.#times.push(now)
  }
  oldest(): number {
    return this.#times[this.#first] ?? 0
  }
}

/** The limits of one simulated vendor, kept apart per portal. */
export class RateLimits {
  readonly #initial: readonly LimitPolicy[]
  #policies: Map<string, LimitPolicy>
  #off = new Set<string>()
  #windows = new Map<string, Window>()
  #days = new Map<string, { day: number; count: number }>()

  constructor(policies: readonly LimitPolicy[]) {
    this.#initial = policies
    this.#policies = new Map(policies.map((p) => [p.name, p]))
  }

  get(name: string): LimitPolicy | undefined {
    return this.#off.has(name) ? undefined : this.#policies.get(name)
  }

  list(): (LimitPolicy & { off: boolean })[] {
    return [...this.#policies.values()].map((p) => ({ ...p, off: this.#off.has(p.name) }))
  }

  /**
   * Counts one request against the named limits, or says which one refuses it. A refused request counts against none.
   * @param now when it arrived, epoch milliseconds by the base clock: the journal's own time, so that both tell the same story
   */
  admit(portal: string, names: readonly string[], now: number): Admission {
    const remaining: Record<string, number> = {}
    for (const name of names) {
      const policy = this.get(name)
      if (policy === undefined) continue
      const used = this.#used(portal, policy, now)
      if (used >= policy.max) return { admitted: false, policy, freeInMs: this.#freeIn(portal, policy, now) }
      remaining[name] = policy.max - used - 1
    }
    for (const name of Object.keys(remaining)) this.#count(portal, this.#policies.get(name)!, now)
    return { admitted: true, remaining }
  }

  /**
   * Changes limits: `{ burst: { max: 50, windowMs: 10000 }, search: 'off' }`, `{ off: true }` for all, `{ reset: true }` for the first state.
   * Throws ControlRefusal for a limit that the vendor does not have.
   */
  configure(change: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(change)) {
      if (name === 'off') this.#off = new Set(value === false ? [] : this.#policies.keys())
      else if (name === 'reset') this.#reset()
      else this.#configureOne(name, value)
    }
  }

  #configureOne(name: string, value: unknown): void {
    const policy = this.#policies.get(name)
    if (policy === undefined)
      throw new ControlRefusal(
        `there is no limit ${name}; there are ${[...this.#policies.keys()].join(', ')}`,
      )
    if (value === 'off') {
      this.#off.add(name)
      return
    }
    const wanted = typeof value === 'number' ? { max: value } : value
    if (typeof wanted !== 'object' || wanted === null)
      throw new ControlRefusal(`limit ${name} takes 'off', a number or {max, windowMs}`)
    this.#off.delete(name)
    this.#policies.set(name, { ...policy, ...wanted, name })
  }

  #reset(): void {
    this.#policies = new Map(this.#initial.map((p) => [p.name, p]))
    this.#off.clear()
    this.#windows.clear()
    this.#days.clear()
  }

  #key = (portal: string, policy: LimitPolicy) => `${portal} ${policy.name}`

  #used(portal: string, policy: LimitPolicy, now: number): number {
    const key = this.#key(portal, policy)
    if (policy.windowMs === 'day') {
      const day = this.#days.get(key)
      return day?.day === Math.floor(now / DAY_MS) ? day.count : 0
    }
    let window = this.#windows.get(key)
    if (window === undefined) {
      window = new Window()
      this.#windows.set(key, window)
    }
    return window.count(now, policy.windowMs)
  }

  #count(portal: string, policy: LimitPolicy, now: number): void {
    const key = this.#key(portal, policy)
    if (policy.windowMs === 'day')
      this.#days.set(key, { day: Math.floor(now / DAY_MS), count: this.#used(portal, policy, now) + 1 })
    else this.#windows.get(key)!.add(now)
  }

  #freeIn(portal: string, policy: LimitPolicy, now: number): number {
    if (policy.windowMs === 'day') return DAY_MS - (now % DAY_MS)
    return policy.windowMs - (now - this.#windows.get(this.#key(portal, policy))!.oldest())
  }
}
