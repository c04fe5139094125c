import { sql } from 'kysely'
import type { SeriesKind } from '../domain/kinds.ts'
import type { MonthOfDays } from '../domain/months.ts'
import type { Series } from '../domain/signal.ts'
import type { AccountRef } from './customers.ts'
import type { Transaction } from './transaction.ts'

/** An account of which a day of this kind has changed. */
export interface Lived extends AccountRef {
  kind: SeriesKind
}

/**
 * Keeps what was told of days, and forgets these accounts' months before `firstMonth`: one statement for all. What was said of a day earlier
 * than what is held changes nothing, so that repeated and late words do no harm.
 * @returns the accounts of which a day has changed, with the kind of each
 */
export const keepDays = async (
  tx: Transaction,
  orgId: string,
  months: readonly MonthOfDays[],
  firstMonth: string,
): Promise<Lived[]> => {
  const kept = months.filter(({ month }) => month >= firstMonth)
  if (kept.length === 0) return []
  const { rows } = await sql<Lived & { changed: boolean }>`
    with r as materialized (
      select r.* from json_to_recordset(${JSON.stringify(kept)}::json) as r(
        "accountSystem" text, "accountId" text, kind text, system text, month date, unit text,
        amounts double precision[], positions bigint[], "observedAt" timestamptz, source text)
    ), forgotten as (
      delete from insights.series s using r
      where s.org_id = ${orgId}::uuid and s.account_system = r."accountSystem" and s.account_id = r."accountId"
        and s.kind = r.kind and s.system = r.system and s.month < ${firstMonth}::date
    )
    insert into insights.series as s
      (org_id, account_system, account_id, kind, system, month, unit, amounts, positions, observed_at, source)
    select ${orgId}::uuid, r.* from r
    on conflict (org_id, account_system, account_id, kind, system, month) do update set
      (amounts, positions) = (
        select array_agg(case when d.told > coalesce(d.held, -1) then d.news else d.amount end order by d.n),
          array_agg(greatest(d.held, d.told) order by d.n)
        from unnest(s.amounts, s.positions, excluded.amounts, excluded.positions)
          with ordinality as d(amount, held, news, told, n)
      ),
      unit = excluded.unit, observed_at = greatest(s.observed_at, excluded.observed_at)
    returning new.account_system as system, new.account_id as "accountId", new.kind,
      old.amounts is distinct from new.amounts as changed`.execute(tx)
  return rows.filter((row) => row.changed).map(({ system, accountId, kind }) => ({ system, accountId, kind }))
}

/** The days of these kinds about each of the customers, one statement for all. */
export const seriesOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
  kinds: readonly SeriesKind[],
): Promise<Map<string, Series[]>> => {
  const byCustomer = new Map<string, Series[]>(customerIds.map((id) => [id, []]))
  if (kinds.length === 0) return byCustomer
  const { rows } = await sql<
    Omit<Series, 'days'> & { customerId: string; months: { month: string; amounts: (number | null)[] }[] }
  >`
    select a.customer_id as "customerId", s.account_system as "accountSystem", s.account_id as "accountId", s.kind, s.system, s.unit,
      json_agg(json_build_object('month', s.month, 'amounts', s.amounts) order by s.month) as months
    from insights.accounts a join insights.series s
      on s.org_id = a.org_id and s.account_system = a.system and s.account_id = a.account_id
    where a.org_id = ${orgId}::uuid and a.customer_id = any(${customerIds}::text[]) and s.kind = any(${kinds}::text[])
    group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6`.execute(tx)
  for (const { customerId, months, ...said } of rows) {
    const days = months.flatMap(({ month, amounts }) =>
      amounts.flatMap((amount, n) =>
        amount === null ? [] : [{ day: `${month.slice(0, 8)}${`${n + 1}`.padStart(2, '0')}`, amount }],
      ),
    )
    byCustomer.get(customerId)?.push({ ...said, days })
  }
  return byCustomer
}
