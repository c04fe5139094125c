import { newId } from '#kernel/ids.ts'
import type { Context } from '../context.ts'
import { COUNTS_MS, granted, LEASE_MS, limitOf, WINDOW_MS } from '../domain/limits.ts'
import { insertLeases, lentTo, limitsOf, settleLeases, type UsedLease } from '../store/limits.ts'
import { lockOrganisation } from '../store/organisations.ts'

export interface LendWish {
  orgId: string
  /** Whose points, and how many a gateway would like. */
  wishes: readonly { holder: string; points: number }[]
  /** Leases of this gateway that are over. */
  used: readonly UsedLease[]
}

export interface Lent {
  leaseMs: number
  windowMs: number
  leases: {
    holder: string
    id: string
    points: number
    /** Points that nobody has been lent. */
    left: number
    limit: number
    /** In how many milliseconds more can be lent, when nothing is left. */
    moreInMs: number
  }[]
}

/**
 * Lends a gateway points, so that it need not ask for each operation. All gateways of the hub together are never lent more
 * than a holder's limit: those who lend wait for one another.
 */
export const lendPoints = (
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  { orgId, wishes, used }: LendWish,
): Promise<Lent | undefined> =>
  db.transaction(orgId, async (tx) => {
    if (!(await lockOrganisation(tx, orgId))) return undefined
    const at = clock.now()
    const limits = await limitsOf(tx, orgId)
    await settleLeases(tx, orgId, used, new Date(at.getTime() - COUNTS_MS))
    const lent = await lentTo(
      tx,
      orgId,
      wishes.map(({ holder }) => holder),
    )
    const leases = wishes.map(({ holder, points: wish }) => {
      const { points: out, since } = lent.get(holder) ?? { points: 0, since: at }
      const limit = limitOf(limits, holder)
      const points = granted(wish, limit, out)
      const moreInMs = Math.max(1, since.getTime() + COUNTS_MS - at.getTime())
      return { holder, id: newId(clock), points, limit, left: Math.max(0, limit - out - points), moreInMs }
    })
    await insertLeases(
      tx,
      orgId,
      leases.flatMap(({ id, holder, points }) => (points > 0 ? [{ id, holder, points }] : [])),
      at,
    )
    return { leaseMs: LEASE_MS, windowMs: WINDOW_MS, leases }
  })
