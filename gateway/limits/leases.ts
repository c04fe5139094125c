import type { Clock } from '#kernel/clock.ts'
import { askHub, type HubPlace } from '../asking-hub.ts'

/** What hub lends of one holder's points; see subgraphs/hub/domain/limits.ts for its words. */
export interface Lease {
  holder: string
  id: string
  points: number
  left: number
  limit: number
  moreInMs: number
}

export interface Lent {
  leaseMs: number
  windowMs: number
  leases: Lease[]
}

export interface LendingHub {
  /** @throws anything when hub does not lend, whyever */
  lend(ask: {
    orgId: string
    wishes: { holder: string; points: number }[]
    used: { id: string; used: number }[]
  }): Promise<Lent>
}

/** Borrows from hub over HTTP. */
export const openLendingHub = (hub: HubPlace): LendingHub => ({
  lend: async (ask) => {
    const response = await askHub(hub, '/leases', ask)
    if (response.ok) return (await response.json()) as Lent
    await response.body?.cancel()
    throw new Error(`hub lends nothing: ${response.status}`)
  },
})

interface Held {
  id: string
  points: number
  used: number
  at: number
}

/** One holder's points, as far as this gateway may let them through without asking. */
export class Purse {
  readonly holder: string
  limit: number
  /** What nobody had been lent when hub was last asked. */
  left: number
  /** Until when asking again is pointless, and when more can be had. */
  refusedUntil = Number.NEGATIVE_INFINITY
  moreAt = Number.NEGATIVE_INFINITY
  asking: Promise<void> | undefined
  /** Points of operations that wait for more. */
  waiting = 0
  #leases: Held[] = []
  #usedSince = 0
  readonly #clock: Clock
  readonly #leaseMs: number

  constructor(holder: string, limit: number, options: { clock: Clock; leaseMs: number }) {
    this.holder = holder
    this.limit = limit
    this.left = limit
    this.#clock = options.clock
    this.#leaseMs = options.leaseMs
  }

  /** Points that may be let through now. */
  get held(): number {
    return this.#valid().reduce((sum, { points, used }) => sum + points - used, 0)
  }

  /** How many points to ask for: what is waited for and twice of what was used since the last time, within bounds. */
  wish(): number {
    const { limit } = this
    const usual = Math.min(Math.max(this.#usedSince * 2, limit / SMALLEST_SHARE), limit / LARGEST_SHARE)
    return Math.min(limit, Math.ceil(usual) + Math.max(0, this.waiting - this.held))
  }

  /** Whether so little is held that more is fetched before it is needed. */
  get isLow(): boolean {
    const last = this.#leases.at(-1)
    return last !== undefined && this.held < last.points / 2
  }

  add(lease: { id: string; points: number }, at: number): void {
    this.#usedSince = 0
    if (lease.points > 0) this.#leases.push({ ...lease, used: 0, at })
  }

  take(points: number): void {
    this.#usedSince += points
    let rest = points
    // The oldest first: it ends first.
    for (const lease of this.#valid()) {
      const part = Math.min(rest, lease.points - lease.used)
      lease.used += part
      rest -= part
    }
  }

  /** Leases that are over or used up, to be told to hub once. */
  settled(): { id: string; used: number }[] {
    const valid = new Set(this.#valid().filter(({ points, used }) => used < points))
    const over = this.#leases.filter((lease) => !valid.has(lease))
    this.#leases = [...valid]
    return over.flatMap(({ id, used, points }) => (used < points && id !== OWN ? [{ id, used }] : []))
  }

  #valid(): Held[] {
    const now = this.#clock.now().getTime()
    // Never longer than hub counts on, which began when the gateway asked, or later.
    return this.#leases.filter(({ at }) => now >= at && now - at < this.#leaseMs)
  }
}

/** The id of points that the gateway lends itself while hub does not answer. */
export const OWN = 'own'
const SMALLEST_SHARE = 100
const LARGEST_SHARE = 10
