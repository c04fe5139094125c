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
  mrr: Decimal
  currency: string
  openedAt: Date
}

/**
 * Notes what accounts pay as a day ends, where that is not what was noted last: one statement. An account that is met for the first time
 * has been so since the day it was opened; one that was opened later is none of that day.
 */
export const noteMrr = async (
  tx: Transaction,
  orgId: string,
  day: string,
  accounts: readonly MrrAtNight[],
): Promise<void> => {
  await sql`
    with accounts as (
      select r."ban" as ban, r."status" as status, r."mrr" as mrr, r."currency" as currency, (r."openedAt" at time zone
        coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC'))::date as opened
      from jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb)
        as r("ban" text, "status" text, "mrr" numeric(16, 4), "currency" text, "openedAt" timestamptz)
    )
    insert into telephony.mrr_days (org_id, ban, day, status, mrr, currency)
    select ${orgId}::uuid, a.ban, case when l.day is null then a.opened else ${day}::date end, a.status, a.mrr, a.currency
    from accounts a
    left join lateral (
      select d.day, d.status, d.mrr, d.currency from telephony.mrr_days d where d.org_id = ${orgId}::uuid and d.ban = a.ban
      order by d.day desc limit 1) l on true
    where a.opened <= ${day}::date
      and (l.day is null or (l.status, l.mrr, l.currency) is distinct from (a.status, a.mrr, a.currency))
    on conflict (org_id, ban, day) do update set status = excluded.status, mrr = excluded.mrr, currency = excluded.currency`.execute(
    tx,
  )
}

/** Which of these accounts were live on some day of a stretch of days; one statement. */
export const liveWithin = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
  { from, to }: { from: string; to: string },
): Promise<Set<string>> => {
  const { rows } = await sql<{ ban: string }>`
    select a.ban from telephony.billing_accounts a
    left join lateral (
      select bool_or(d.status <> 'CHURNED') as live from telephony.mrr_days d
      where d.org_id = a.org_id and d.ban = a.ban and d.day <= ${to}::date and d.day >= coalesce((
        select max(e.day) from telephony.mrr_days e where e.org_id = a.org_id and e.ban = a.ban and e.day <= ${from}::date), ${from}::date)
    ) d on true
    where a.org_id = ${orgId} and a.ban = any(${bans}::text[]) and coalesce(d.live, a.status <> 'CHURNED')`.execute(
    tx,
  )
  return new Set(rows.map(({ ban }) => ban))
}
