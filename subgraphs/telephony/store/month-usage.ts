import { type RawBuilder, sql } from 'kysely'
import type { RatePlanTerms } from '../domain/rate-plans.ts'
import type { DatedTotals } from '../domain/spend.ts'
import { USAGE_CLASSES } from '../domain/usage.ts'
import type { Transaction } from './transaction.ts'

/** An account's month: what it used, and by which terms it is rated. */
export interface MonthUsage {
  ban: string
  /** As `YYYY-MM`. */
  month: string
  began: Date
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
  /** Each account's own one, as `YYYY-MM`. */
  | { each: readonly { ban: string; month: string }[] }

const askedOf = (months: Months): RawBuilder<unknown> => {
  if ('each' in months)
    return sql`select r.ban, (r.month || '-01')::date as month
      from jsonb_to_recordset(${JSON.stringify(months.each)}::jsonb) as r(ban text, month text)`
  const [from, to] = 'at' in months ? [months.at, months.at] : [months.from, months.to]
  return sql`select b.ban, m::date as month from unnest(${months.bans}::text[]) as b(ban), zone,
    generate_series(date_trunc('month', ${from.toISOString()}::timestamptz at time zone zone.name),
      ${to.toISOString()}::timestamptz at time zone zone.name, interval '1 month') as m`
}

/**
 * What accounts used in months, and what they are rated by: one statement, however many. A month without usage is there too.
 * @param isByDay whether by day, or each month as a whole
 */
export const monthUsage = async (
  tx: Transaction,
  orgId: string,
  months: Months,
  { isByDay = false } = {},
): Promise<MonthUsage[]> => {
  const day = isByDay ? sql`(d.slot at time zone m.zone)::date` : sql`null::date`
  type Row = Omit<MonthUsage, 'totals'> & { totals: (Omit<DatedTotals, 'class'> & { class: number })[] }
  const { rows } = await sql<Row>`
    with zone as materialized (
      select coalesce((select time_zone from telephony.organisations where org_id = ${orgId}::uuid), 'UTC') as name
    ), months as materialized (
      select a.ban, a.month, zone.name as zone, a.month::timestamp at time zone zone.name as began,
        (a.month + interval '1 month') at time zone zone.name as ended
      from (${askedOf(months)}) a, zone
    )
    select m.ban, to_char(m.month, 'YYYY-MM') as month, m.began, m.ended, v.terms, u.totals
    from months m
    left join lateral (
      select plan_id, version from telephony.account_rate_plans a
      where a.org_id = ${orgId}::uuid and a.ban = m.ban and a.from_month <= m.month order by a.from_month desc limit 1) a on true
    left join telephony.rate_plan_versions v on v.org_id = ${orgId}::uuid and v.plan_id = a.plan_id and v.version = a.version
    cross join lateral (
      select coalesce(jsonb_agg(to_jsonb(x) order by x.day, x.class), '[]') as totals from (
        select ${day} as day, d.class, sum(d.calls) as calls, sum(d.completed) as completed, sum(d.seconds) as seconds,
          sum(d.messages) as messages
        from telephony.usage_days d
        where d.org_id = ${orgId}::uuid and d.ban = m.ban and d.slot >= m.began and d.slot < m.ended group by 1, 2) x) u
    order by m.ban, m.month`.execute(tx)
  return rows.map((row) => ({
    ...row,
    totals: row.totals.map((each) => ({ ...each, class: USAGE_CLASSES[each.class - 1]! })),
  }))
}
