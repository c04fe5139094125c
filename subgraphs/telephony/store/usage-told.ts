import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A day of an account that others do not know as it is. */
export interface UntoldDay {
  ban: string
  /** As `YYYY-MM-DD`. */
  day: string
  calls: number
  messages: number
}

/** So many days after it was used last, each day of an account is told as one on which nothing was: longer ago, everybody knows by then. */
export const SILENT_DAYS = 56

/**
 * Days of accounts of which others were told nothing yet, or something else, by day and account: those with usage, and those without any
 * of accounts that used something within the `SILENT_DAYS` before, so that who falls silent is heard to be. One statement; it looks at no
 * more days without usage than are asked for.
 * @param from the first day, as `YYYY-MM-DD`; `to` is the last one
 */
export const untoldDays = async (
  tx: Transaction,
  orgId: string,
  { from, to, limit }: { from: string; to: string; limit: number },
): Promise<UntoldDay[]> => {
  const { rows } = await sql<UntoldDay>`
    with zone as materialized (
      select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name
    ), used as materialized (
      select u.ban, (u.slot at time zone zone.name)::date as day, sum(u.calls)::integer as calls, sum(u.messages)::integer as messages
      from telephony.usage_days u, zone
      where u.org_id = ${orgId} and u.slot >= ${from}::date::timestamp at time zone zone.name
        and u.slot < (${to}::date + 1)::timestamp at time zone zone.name
      group by 1, 2
    ), silent as (
      select s.ban, d::date as day
      from zone, generate_series(${from}::date::timestamp, ${to}::date::timestamp, interval '1 day') as d
      cross join lateral (
        select b.ban from telephony.billing_accounts b
        where b.org_id = ${orgId}
          and not exists (select from telephony.usage_days_told t where t.org_id = ${orgId} and t.day = d::date and t.ban = b.ban
            and t.calls = 0 and t.messages = 0)
          and not exists (select from used u where u.ban = b.ban and u.day = d::date)
          and exists (select from telephony.usage_days u where u.org_id = ${orgId} and u.ban = b.ban
            and u.slot >= (d - ${SILENT_DAYS} * interval '1 day') at time zone zone.name and u.slot < d at time zone zone.name)
        order by b.ban limit ${limit}
      ) s
    )
    select a.ban, a.day, a.calls, a.messages from (select * from used union all select s.ban, s.day, 0, 0 from silent s) a
    left join telephony.usage_days_told t on t.org_id = ${orgId} and t.day = a.day and t.ban = a.ban
    where t.ban is null or t.calls <> a.calls or t.messages <> a.messages
    order by a.day, a.ban limit ${limit}`.execute(tx)
  return rows
}

/** Notes what others were told of days: one statement. */
export const noteTold = async (
  tx: Transaction,
  orgId: string,
  days: readonly UntoldDay[],
  at: Date,
): Promise<void> => {
  await sql`
    insert into telephony.usage_days_told (org_id, ban, day, calls, messages, told_at)
    select ${orgId}::uuid, d.ban, d.day, d.calls, d.messages, ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(days)}::jsonb) as d(ban text, day date, calls integer, messages integer)
    on conflict (org_id, day, ban) do update set calls = excluded.calls, messages = excluded.messages, told_at = excluded.told_at`.execute(
    tx,
  )
}
