import { sql } from 'kysely'
import type { Decimal } from '#kernel/money.ts'
import type { Transaction } from './transaction.ts'

/** Telephone numbers of one kind that an account held. */
export interface HeldNumbers {
  ban: string
  type: 'LOCAL' | 'TOLLFREE' | 'MOBILE'
  count: number
  /** What they cost a month, each at its own price. */
  cost: Decimal
}

/** A stretch of days of the organisation, as `YYYY-MM-DD`, both in it. */
export interface Days {
  from: string
  to: string
}

/**
 * The telephone numbers that accounts held on some day of a stretch of days, by kind: one statement for all. One that another carrier
 * brings is held from the moment it has come.
 */
export const heldNumbers = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  { from, to }: Days,
): Promise<HeldNumbers[]> => {
  const { rows } = await sql<HeldNumbers>`
    with zone as materialized (
      select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name
    )
    select n.ban, n.type, count(*)::integer as count, sum(n.monthly_cost) as cost
    from telephony.numbers n, zone
    where n.org_id = ${orgId} and n.ban = any(${bans}::text[])
      and case n.origin when 'PORTED' then n.ported_at else n.created_at end < (${to}::date + 1)::timestamp at time zone zone.name
      and (n.released_at is null or n.released_at >= ${from}::date::timestamp at time zone zone.name)
    group by 1, 2 order by 1, 2`.execute(tx)
  return rows
}
