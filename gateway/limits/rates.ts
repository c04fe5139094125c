/**
 * How much each caller and each organisation may ask for. Hub lends points to gateways; see docs/decisions/0028.
 */
import { LRUCache } from 'lru-cache'
import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { RateLimited } from '../errors.ts'
import type { Caller } from '../identity/index.ts'
import { type LendingHub, OWN, Purse } from './leases.ts'

/** How a caller stands, for the headers of an answer. */
export interface Standing {
  limits: { name: 'caller' | 'organisation'; quota: number; remaining: number; windowSeconds: number }[]
  /** Set when the caller was refused. */
  retryAfterSeconds?: number
}

export interface Rates {
  /**
   * Lets an operation through, and says how the caller stands.
   * @throws RATE_LIMITED when the caller or the organisation has used up what it may ask for
   */
  admit(context: { caller: Caller; standing?: Standing | undefined }, points: number): Promise<void>
}

/** As hub has it: see subgraphs/hub/domain/limits.ts. */
const LEASE_MS = 10_000
const WINDOW_MS = 60_000
/** In a window and the lease before it there are seven leases; half of each, so that two gateways stay within the limit. */
const OWN_SHARE = (2 * (WINDOW_MS + LEASE_MS)) / LEASE_MS
const WHOLE = 'organisation'
const MOST_PURSES = 20_000
const LOOK_AGAIN_MS = 1_000
const RECORDS_PER_POINT = 100

/** What an operation counts that could touch so many records. */
export const pointsOf = (records: number): number => Math.max(1, Math.ceil(records / RECORDS_PER_POINT))

/** Opens the one gate of all doors. A caller whose limits hub does not tell is let through. */
export const openRates = (options: { hub: LendingHub; clock: Clock; log: Log }): Rates => {
  const { hub, clock, log } = options
  const purses = new LRUCache<string, Purse>({ max: MOST_PURSES })
  let isHubAway = false

  const purseOf = (orgId: string, holder: string, limit: number): Purse => {
    const id = `${orgId} ${holder}`
    const purse = purses.get(id) ?? new Purse(holder, limit, { clock, leaseMs: LEASE_MS })
    purse.limit = limit
    purses.set(id, purse)
    return purse
  }

  const borrow = async (orgId: string, asking: readonly Purse[]): Promise<void> => {
    const at = clock.now().getTime()
    const used = asking.flatMap((purse) => purse.settled())
    const wishes = asking.map((purse) => ({ holder: purse.holder, points: purse.wish() }))
    try {
      const { leases } = await hub.lend({ orgId, wishes, used })
      isHubAway = false
      for (const lease of leases) {
        const n = asking.findIndex(({ holder }) => holder === lease.holder)
        const purse = asking[n]
        if (!purse) continue
        purse.add(lease, at)
        purse.left = lease.left
        purse.moreAt = at + lease.moreInMs
        const isAll = lease.points >= wishes[n]!.points
        purse.refusedUntil = isAll ? Number.NEGATIVE_INFINITY : at + Math.min(lease.moreInMs, LOOK_AGAIN_MS)
      }
    } catch (error) {
      if (!isHubAway)
        log.warn({ err: error }, 'hub lends no points; this gateway goes on with a share of its own')
      isHubAway = true
      for (const purse of asking) {
        // What it has is all it gets until this lease is over.
        purse.add({ id: OWN, points: Math.max(1, Math.floor(purse.limit / OWN_SHARE)) }, at)
        purse.left = 0
        purse.moreAt = at + LEASE_MS
        purse.refusedUntil = purse.moreAt
      }
    }
  }

  const fetchFor = (orgId: string, purses: readonly Purse[]): Promise<unknown> => {
    const idle = purses.filter((purse) => !purse.asking)
    if (idle.length > 0) {
      const asking = borrow(orgId, idle).finally(() => {
        for (const purse of idle) purse.asking = undefined
      })
      for (const purse of idle) purse.asking = asking
    }
    return Promise.all(purses.map((purse) => purse.asking))
  }

  const standingOf = (own: Purse, whole: Purse): Standing => ({
    limits: [own, whole].map((purse) => ({
      name: purse === own ? 'caller' : 'organisation',
      quota: purse.limit,
      remaining: Math.max(0, Math.min(purse.limit, purse.left + purse.held)),
      windowSeconds: WINDOW_MS / 1000,
    })),
  })

  return {
    admit: async (context, points) => {
      const { limits, principal } = context.caller
      if (!limits || principal.orgId === null) return
      const { orgId } = principal
      const own = purseOf(orgId, `${principal.kind}:${principal.id}`, limits.pointsPerMinute)
      const whole = purseOf(orgId, WHOLE, limits.organisationPointsPerMinute)
      const both = [own, whole]
      // What counts more than a whole limit takes all of it.
      const needs = new Map(both.map((purse) => [purse, Math.min(points, purse.limit)]))
      const needOf = (purse: Purse) => needs.get(purse) ?? points
      const lacking = () => both.filter((purse) => purse.held < needOf(purse))
      for (const purse of both) purse.waiting += needOf(purse)
      for (;;) {
        const now = clock.now().getTime()
        const short = lacking()
        if (short.length === 0 || short.some((purse) => !purse.asking && now < purse.refusedUntil)) break
        await fetchFor(orgId, short)
      }
      for (const purse of both) purse.waiting -= needOf(purse)
      const [refusing] = lacking()
      if (refusing) {
        const waitMs = Math.max(1, refusing.moreAt - clock.now().getTime())
        const retryAfterSeconds = Math.ceil(waitMs / 1000)
        context.standing = { ...standingOf(own, whole), retryAfterSeconds }
        const after = new Date(clock.now().getTime() + retryAfterSeconds * 1000)
        throw RateLimited.with({ seconds: retryAfterSeconds }, { after })
      }
      for (const purse of both) purse.take(needOf(purse))
      const low = both.filter((purse) => purse.isLow && clock.now().getTime() >= purse.refusedUntil)
      if (low.length > 0) void fetchFor(orgId, low)
      context.standing = standingOf(own, whole)
    },
  }
}
