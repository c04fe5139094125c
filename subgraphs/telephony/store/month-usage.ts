import { type RawBuilder, sql } from 'kysely'
import { firstDayOf } from '../domain/months.ts'
import type { RatePlanTerms } from '../domain/rate-plans.ts'
import type { DatedTotals } from '../domain/spend.ts'
import { USAGE_CLASSES } from '../domain/usage.ts'
import { LATE_HOURS } from './nights.ts'
import type { Transaction } from './transaction.ts'

/** An account's month: what it used, and by which terms it is rated. */
export interface MonthUsage {
  ban: string
  /** As `YYYY-MM`. */
  month: string
  /** When it begins: at a midnight of the organisation, or where the month before it was billed until. */
  began: Date
  /** When it ends: at a midnight of the organisation; of a month that is billed, where it was billed until. */
  ended: Date
  /** Null without a rate plan. */
  terms: RatePlanTerms | null
  /** By day and class, in that order. */
  totals: DatedTotals[]
}

/** Which months of which accounts. */
export type Months =
  /** The month that a moment falls into. */
  | { bans: readonly string[]; at: Date }
  /** Every month from the one that a moment falls into until the one of another. */
  | { bans: readonly string[]; from: Date; to: Date }
  /** The month that a moment falls into, and of those that ended before it what is not billed yet. */
  | { bans: readonly string[]; unbilledAt: Date }
  /** Each account's own one, as `YYYY-MM`. */
  | { each: readonly { ban: string; month: string }[] }

const askedOf = (orgId: string, months: Months): RawBuilder<unknown> => {
  if ('unbilledAt' in months) return unbilled(orgId, months.bans, months.unbilledAt)
  if ('each' in months)
    return sql`select r.ban, (r.month || '-01')::date as month
      from jsonb_to_recordset(${JSON.stringify(months.each)}::jsonb) as r(ban text, month text)`
  const [from, to] = 'at' in months ? [months.at, months.at] : [months.from, months.to]
  return sql`select b.ban, m::date as month from unnest(${months.bans}::text[]) as b(ban), zone,
    generate_series(date_trunc('month', ${from.toISOString()}::timestamptz at time zone zone.name),
      ${to.toISOString()}::timestamptz at time zone zone.name, interval '1 month') as m`
}

/** From the month that is billed next, in whatever order its accounts have their turn: as invoices are issued (`nextToBill`). */
const unbilled = (orgId: string, bans: readonly string[], at: Date): RawBuilder<unknown> => {
  const now = sql`${at.toISOString()}::timestamptz`
  return sql`select b.ban, m.month::date as month
    from unnest(${bans}::text[]) as b(ban), zone,
      lateral (select date_trunc('month', ${now} at time zone zone.name) as current) c,
      lateral generate_series(least(c.current, coalesce(
        (select n.until + 1 from telephony.nights n where n.org_id = ${orgId}::uuid and n.task = 'INVOICES'),
        date_trunc('month', (${now} - make_interval(hours => ${LATE_HOURS}::integer)) at time zone zone.name) - interval '1 month')),
        c.current, interval '1 month') as m(month)
    where m.month = c.current or not exists (
      select from telephony.invoices i where i.org_id = ${orgId}::uuid and i.ban = b.ban and i.month = m.month::date)`
}

/**
 * What accounts used in months, and what they are rated by: one statement, however many. A month without usage is there too. Months that
 * are billed stay as they were billed, in whatever time zone the organisation lives since: where one of them ends amid a day, the quarters
 * of that day are added up.
 * @param isByDay whether by day, or each month as a whole
 */
export const monthUsage = async (
  tx: Transaction,
  orgId: string,
  months: Months,
  { isByDay = false } = {},
): Promise<MonthUsage[]> => {
  const midnight = isByDay ? sql`x.midnight` : sql`null::timestamptz`
  type Row = Omit<MonthUsage, 'totals'> & { totals: (Omit<DatedTotals, 'class'> & { class: number })[] }
  const { rows } = await sql<Row>`
    with zone as materialized (
      select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name
    ), bounds as (
      select a.ban, a.month, zone.name as zone,
        coalesce(own.began, earlier.ended, a.month::timestamp at time zone zone.name) as began,
        coalesce(own.ended, (a.month + interval '1 month') at time zone zone.name) as ended
      from (${askedOf(orgId, months)}) a cross join zone
      left join telephony.billed_months own on own.org_id = ${orgId}::uuid and own.month = a.month
      left join telephony.billed_months earlier
        on earlier.org_id = ${orgId}::uuid and earlier.month = (a.month - interval '1 month')::date
    ), months as materialized (
      select b.*, date_add(date_trunc('day', began - interval '1 microsecond', zone), '1 day', zone) as first_midnight,
        date_trunc('day', ended, zone) as last_midnight
      from bounds b
    )
    select m.ban, to_char(m.month, 'YYYY-MM') as month, m.began, m.ended, v.terms, u.totals
    from months m
    left join lateral (
      select plan_id, version from telephony.account_rate_plans a
      where a.org_id = ${orgId}::uuid and a.ban = m.ban and a.from_month <= m.month order by a.from_month desc limit 1) a on true
    left join telephony.rate_plan_versions v on v.org_id = ${orgId}::uuid and v.plan_id = a.plan_id and v.version = a.version
    cross join lateral (
      select coalesce(jsonb_agg(to_jsonb(s) order by s.midnight, s.class), '[]') as totals from (
        select ${midnight} as midnight, (${midnight} at time zone m.zone)::date as day, x.class, sum(x.calls) as calls,
          sum(x.completed) as completed, sum(x.seconds) as seconds, sum(x.messages) as messages
        from (
          select d.slot as midnight, d.class, d.calls, d.completed, d.seconds, d.messages from telephony.usage_days d
          where d.org_id = ${orgId}::uuid and d.ban = m.ban and d.slot >= m.first_midnight and d.slot < m.last_midnight
          union all
          select date_trunc('day', q.slot, m.zone), q.class, q.calls, q.completed, q.seconds, q.messages
          from (values (m.began, m.first_midnight), (m.last_midnight, m.ended)) as edge(since, until)
          join telephony.usage_quarters q
            on q.org_id = ${orgId}::uuid and q.ban = m.ban and q.slot >= edge.since and q.slot < edge.until) x
        group by 1, 2, 3) s) u
    order by m.ban, m.month`.execute(tx)
  return rows.map((row) => ({
    ...row,
    totals: row.totals.map((each) => ({ ...each, class: USAGE_CLASSES[each.class - 1]! })),
  }))
}

/** Has a month that is billed stay as it is cut by now: one statement, and the second time nothing. */
export const keepMonthAsItIs = async (tx: Transaction, orgId: string, month: string): Promise<void> => {
  await sql`
    with zone as materialized (
      select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name
    ), asked as (select ${firstDayOf(month)}::date as month)
    insert into telephony.billed_months (org_id, month, began, ended)
    select ${orgId}::uuid, asked.month, coalesce(
      (select b.ended from telephony.billed_months b where b.org_id = ${orgId}::uuid and b.month = (asked.month - interval '1 month')::date),
      asked.month::timestamp at time zone zone.name), (asked.month + interval '1 month') at time zone zone.name
    from asked, zone
    on conflict do nothing`.execute(tx)
}
