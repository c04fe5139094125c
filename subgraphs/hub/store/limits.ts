import { sql } from 'kysely'
import { DEFAULT_LIMITS, type Limits, type LimitsRow } from '../domain/limits.ts'
import type { Transaction } from './transaction.ts'

const columns = [
  'points_per_minute as pointsPerMinute',
  'organisation_points_per_minute as organisationPointsPerMinute',
  'subscriptions',
  'organisation_subscriptions as organisationSubscriptions',
  'version',
] as const

/** What the organisation may ask for, decided or not. */
export const limitsOf = async (tx: Transaction, orgId: string): Promise<LimitsRow> =>
  (await tx.selectFrom('hub.limits').select(columns).where('org_id', '=', orgId).executeTakeFirst()) ??
  DEFAULT_LIMITS

/** Writes limits over those of a version. @returns what holds then, or undefined when somebody was quicker */
export const writeLimits = (
  tx: Transaction,
  orgId: string,
  limits: Limits,
  expectedVersion: number,
): Promise<LimitsRow | undefined> => {
  const values = {
    points_per_minute: limits.pointsPerMinute,
    organisation_points_per_minute: limits.organisationPointsPerMinute,
    subscriptions: limits.subscriptions,
    organisation_subscriptions: limits.organisationSubscriptions,
    version: expectedVersion + 1,
  }
  return expectedVersion === 0
    ? tx
        .insertInto('hub.limits')
        .values({ org_id: orgId, ...values })
        .onConflict((conflict) => conflict.doNothing())
        .returning(columns)
        .executeTakeFirst()
    : tx
        .updateTable('hub.limits')
        .set(values)
        .where('org_id', '=', orgId)
        .where('version', '=', expectedVersion)
        .returning(columns)
        .executeTakeFirst()
}

/** How much of a lease was used. What was told before stays told: telling it again changes nothing. */
export interface UsedLease {
  id: string
  used: number
}

/** Takes back what was not used of leases that are over, and forgets those that no longer count. */
export const settleLeases = async (
  tx: Transaction,
  orgId: string,
  used: readonly UsedLease[],
  countsSince: Date,
): Promise<void> => {
  await sql`
    with gone as (
      delete from hub.leases where org_id = ${orgId}::uuid and granted_at <= ${countsSince}
    )
    update hub.leases set points = told.used
    from jsonb_to_recordset(${JSON.stringify(used)}::jsonb) as told (id uuid, used integer)
    where leases.org_id = ${orgId}::uuid and leases.id = told.id and leases.points > told.used
      and leases.granted_at > ${countsSince}`.execute(tx)
}

/** What each holder has been lent, as far as it still counts, and when the first of it was. */
export const lentTo = async (
  tx: Transaction,
  orgId: string,
  holders: readonly string[],
): Promise<Map<string, { points: number; since: Date }>> => {
  const rows = await tx
    .selectFrom('hub.leases')
    .select(({ fn }) => [
      'holder',
      sql<number>`sum(points)::integer`.as('points'),
      fn.min('granted_at').as('since'),
    ])
    .where('org_id', '=', orgId)
    .where('holder', 'in', holders)
    .where('points', '>', 0)
    .groupBy('holder')
    .execute()
  return new Map(rows.map(({ holder, points, since }) => [holder, { points, since }]))
}

export const insertLeases = async (
  tx: Transaction,
  orgId: string,
  leases: readonly { id: string; holder: string; points: number }[],
  at: Date,
): Promise<void> => {
  if (leases.length === 0) return
  const rows = leases.map((lease) => ({ ...lease, org_id: orgId, granted_at: at }))
  await tx.insertInto('hub.leases').values(rows).execute()
}
