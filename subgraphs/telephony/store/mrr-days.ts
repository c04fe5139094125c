import { sql } from 'kysely'
import type { Decimal } from '#kernel/money.ts'
import type { Transaction } from './transaction.ts'

/** What an account paid a month from a day on. */
export interface MrrPointRow {
  ban: string
  /** As `YYYY-MM-DD`. */
  day: string
  mrr: Decimal
  currency: string
  status: 'ACTIVE' | 'SUSPENDED' | 'CHURNED'
}

/**
 * What accounts paid from a day on: how it stood on that day, and each day after it on which it became something else, in their order.
 * One statement for all accounts.
 */
export const mrrSince = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  since: string,
): Promise<MrrPointRow[]> => {
  const { rows } = await sql<MrrPointRow>`
    select b.ban, d.day, d.mrr, d.currency, d.status from unnest(${bans}::text[]) as b(ban)
    join telephony.mrr_days d on d.org_id = ${orgId} and d.ban = b.ban and d.day >= coalesce(
      (select max(e.day) from telephony.mrr_days e where e.org_id = ${orgId} and e.ban = b.ban and e.day <= ${since}::date), ${since}::date)
    order by b.ban, d.day`.execute(tx)
  return rows
}

/** What an account pays a month as a day ends. */
export interface MrrAtNight {
  ban: string
  status: MrrPointRow['status']
  /** What it pays, or paid until it left. */
  mrr: Decimal
  currency: string
  openedAt: Date
  /** Null while it has not left. */
  closedAt: Date | null
}

/**
 * Notes what accounts pay as a day ends, where that is not what was noted last: one statement. Those that have left pay nothing. An
 * account that is met for the first time has been so since the day it was opened; one that had left by then was so until it left.
 */
export const noteMrr = async (
  tx: Transaction,
  orgId: string,
  day: string,
  accounts: readonly MrrAtNight[],
): Promise<void> => {
  await sql`
    with accounts as (
      select r."ban" as ban, r."status" as status, r."mrr" as mrr, r."currency" as currency,
        (r."openedAt" at time zone zone.name)::date as opened,
        case when r."status" = 'CHURNED' then (coalesce(r."closedAt", r."openedAt") at time zone zone.name)::date end as closed
      from jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb)
        as r("ban" text, "status" text, "mrr" numeric(16, 4), "currency" text, "openedAt" timestamptz, "closedAt" timestamptz),
      (select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name) zone
    ), known as (
      select a.*, l.day, l.status as was, l.mrr as paid, l.currency as paid_in from accounts a
      left join lateral (
        select d.day, d.status, d.mrr, d.currency from telephony.mrr_days d where d.org_id = ${orgId}::uuid and d.ban = a.ban
        order by d.day desc limit 1) l on true
    ), stands as (
      select ban, case when day is null then coalesce(closed, opened) else ${day}::date end as day, status,
        case when closed is null then mrr else 0 end as mrr, currency, day is null as is_new, was, paid, paid_in
      from known
    )
    insert into telephony.mrr_days (org_id, ban, day, status, mrr, currency)
    select ${orgId}::uuid, ban, day, status, mrr, currency from stands
    where is_new or (was, paid, paid_in) is distinct from (status, mrr, currency)
    union all
    select ${orgId}::uuid, ban, opened, 'ACTIVE', mrr, currency from known where day is null and closed > opened
    on conflict (org_id, ban, day) do update set status = excluded.status, mrr = excluded.mrr, currency = excluded.currency`.execute(
    tx,
  )
}

/** Which of these accounts were live on some day of a stretch of days: opened by its end, and not closed before it began. One statement. */
export const liveWithin = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  { from, to }: { from: string; to: string },
): Promise<Set<string>> => {
  const { rows } = await sql<{ ban: string }>`
    select a.ban from telephony.billing_accounts a,
      (select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name) zone
    where a.org_id = ${orgId} and a.ban = any(${bans}::text[])
      and a.created_at < (${to}::date + 1)::timestamp at time zone zone.name
      and (a.status <> 'CHURNED' or coalesce(a.closed_at, a.created_at) >= ${from}::date::timestamp at time zone zone.name)`.execute(
    tx,
  )
  return new Set(rows.map(({ ban }) => ban))
}
