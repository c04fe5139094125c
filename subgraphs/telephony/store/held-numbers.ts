import { sql } from 'kysely'
import type { Decimal } from '#kernel/money.ts'
import { dayAfter } from '../domain/months.ts'
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
 * brings is held from the moment it has come; one that was given back and taken again counts once. Each is at the price it had when the
 * days ended, or when it was given back.
 */
export const numbersWithin = (tx: Transaction, orgId: string, bans: readonly string[], { from, to }: Days) =>
  held(tx, orgId, bans, { leftFrom: from, to })

/** The same, of those they held when a day ended: one that was given back on that day is none of them. */
export const numbersAtEnd = (tx: Transaction, orgId: string, bans: readonly string[], day: string) =>
  held(tx, orgId, bans, { leftFrom: dayAfter(day), to: day })

/** @param days that it came before `to` ended, and has not left before `leftFrom` began */
const held = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  { leftFrom, to }: { leftFrom: string; to: string },
): Promise<HeldNumbers[]> => {
  const { rows } = await sql<HeldNumbers>`
    with zone as materialized (
      select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name
    ), stretch as materialized (
      select ${leftFrom}::date::timestamp at time zone name as left_from, (${to}::date + 1)::timestamp at time zone name as ended from zone
    ), held as (
      select distinct on (n.ban, n.number) n.id, n.ban, n.type, n.monthly_cost, least(n.released_at, s.ended) as until
      from telephony.numbers n, stretch s
      where n.org_id = ${orgId} and n.ban = any(${bans}::text[])
        and case n.origin when 'PORTED' then n.ported_at else n.created_at end < s.ended
        and (n.released_at is null or n.released_at >= s.left_from)
      order by n.ban, n.number, n.created_at desc, n.id desc
    )
    select h.ban, h.type, count(*)::integer as count, sum(coalesce(p.monthly_cost, h.monthly_cost)) as cost
    from held h
    left join lateral (
      select monthly_cost from telephony.number_prices p
      where p.org_id = ${orgId} and p.number_id = h.id and p.until >= h.until order by p.until limit 1) p on true
    group by 1, 2 order by 1, 2`.execute(tx)
  return rows
}
