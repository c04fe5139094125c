import { sql } from 'kysely'
import type { Decimal } from '#kernel/money.ts'
import type { Transaction } from './transaction.ts'

/** How accounts of one currency came, grew, shrank and left in a month. */
export interface GrowthMonthRow {
  /** As `YYYY-MM`. */
  month: string
  currency: string
  liveAtBegin: number
  opened: number
  closed: number
  mrrBegin: Decimal
  mrrNew: Decimal
  mrrExpansion: Decimal
  mrrContraction: Decimal
  mrrChurned: Decimal
  seconds: number
  /** Of the month before. */
  secondsBefore: number
}

/** Adds up how a month went, from what accounts paid when it began and when it ended; once. One statement. */
export const countGrowth = async (tx: Transaction, orgId: string, month: string): Promise<void> => {
  const first = `${month}-01`
  const secondsOf = (from: string, to: string) => sql`
    (select coalesce(sum(u.seconds), 0) from telephony.usage_days u, zone
     where u.org_id = ${orgId} and u.ban = a.ban
       and u.slot >= (${first}::date + ${from}::interval) at time zone zone.name
       and u.slot < (${first}::date + ${to}::interval) at time zone zone.name)`
  await sql`
    with zone as materialized (
      select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name
    ), accounts as (
      select distinct ban from telephony.mrr_days where org_id = ${orgId} and day < ${first}::date + interval '1 month'
    ), stands as (
      select e.currency, coalesce(b.status <> 'CHURNED', false) as was, e.status <> 'CHURNED' as lives, coalesce(b.mrr, 0) as before,
        e.mrr as after, ${secondsOf('0 days', '1 month')} as seconds, ${secondsOf('-1 month', '0 days')} as seconds_before
      from accounts a
      left join lateral (
        select status, mrr from telephony.mrr_days d where d.org_id = ${orgId} and d.ban = a.ban and d.day < ${first}::date
        order by d.day desc limit 1) b on true
      cross join lateral (
        select status, mrr, currency from telephony.mrr_days d
        where d.org_id = ${orgId} and d.ban = a.ban and d.day < ${first}::date + interval '1 month' order by d.day desc limit 1) e
    )
    insert into telephony.growth_months (org_id, month, currency, live_at_begin, opened, closed, mrr_begin, mrr_new, mrr_expansion,
      mrr_contraction, mrr_churned, seconds, seconds_before)
    select ${orgId}::uuid, ${first}::date, currency, count(*) filter (where was), count(*) filter (where lives and not was),
      count(*) filter (where was and not lives),
      coalesce(sum(before) filter (where was), 0), coalesce(sum(after) filter (where lives and not was), 0),
      coalesce(sum(after - before) filter (where was and lives and after > before), 0),
      coalesce(sum(before - after) filter (where was and lives and after < before), 0),
      coalesce(sum(before) filter (where was and not lives), 0), sum(seconds), sum(seconds_before)
    from stands group by currency
    on conflict do nothing`.execute(tx)
}

/** The months from one until another, by month and currency. */
export const growthMonths = async (
  tx: Transaction,
  orgId: string,
  { from, to }: { from: string; to: string },
): Promise<GrowthMonthRow[]> => {
  const { rows } = await sql<GrowthMonthRow>`
    select to_char(month, 'YYYY-MM') as month, currency, live_at_begin as "liveAtBegin", opened, closed, mrr_begin as "mrrBegin",
      mrr_new as "mrrNew", mrr_expansion as "mrrExpansion", mrr_contraction as "mrrContraction", mrr_churned as "mrrChurned", seconds,
      seconds_before as "secondsBefore"
    from telephony.growth_months
    where org_id = ${orgId} and growth_months.month between ${`${from}-01`}::date and ${`${to}-01`}::date
    order by growth_months.month, currency`.execute(tx)
  return rows
}
