import { type RawBuilder, sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** What was sold for the request of a recommendation, in the request's currency: of the line or the part that is meant. */
const sold = (isMeant: RawBuilder<unknown>) => sql`
    left join lateral (
      select round(sum(x.quantity * x.unit_price) / sum(x.quantity), 4) as price, sum(x.quantity)::int as quantity, max(x.occurred_at) as at
      from inventory.transactions x
      where x.org_id = r.org_id and x.rfq_id = r.rfq_id and ${isMeant} and x.kind = 'SALE' and x.deleted_at is null
        and x.currency = f.currency
    ) t on true`

/** Keeps what came of recommendations where it is news. @returns their ids */
const keep = async (
  tx: Transaction,
  orgId: string,
  seen: RawBuilder<unknown>,
  at: Date,
): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    with seen as (${seen})
    update inventory.recommendations r set outcome = s.result, outcome_price = s.price, outcome_currency = s.currency,
      outcome_quantity = s.quantity, outcome_at = s.at, version = r.version + 1, changed_at = ${at}::timestamptz
    from seen s where r.org_id = ${orgId} and r.id = s.id and s.result is not null
      and (r.outcome, r.outcome_price, r.outcome_currency, r.outcome_quantity) is distinct from (s.result, s.price, s.currency, s.quantity)
    returning r.id`.execute(tx)
  return rows.map(({ id }) => id)
}

/**
 * Keeps what became of prices that were recommended for these requests: what was quoted, and what was sold for how much, from the
 * requests' states and from sales. One statement.
 */
export const notePriceOutcomes = (
  tx: Transaction,
  orgId: string,
  rfqIds: readonly string[],
  at: Date,
): Promise<string[]> =>
  keep(
    tx,
    orgId,
    sql`
    select r.id, nullif(f.status, 'OPEN') as result, coalesce(t.price, l.unit_price) as price,
      case when coalesce(t.price, l.unit_price) is not null then f.currency end as currency, coalesce(t.quantity, l.quantity) as quantity,
      coalesce(t.at, f.c3_modified_at) as at
    from inventory.recommendations r
    join inventory.rfqs f on f.org_id = r.org_id and f.id = r.rfq_id
    left join inventory.rfq_lines l on l.org_id = r.org_id and l.rfq_id = r.rfq_id and l.line = r.line
    ${sold(sql`x.rfq_line = r.line`)}
    where r.org_id = ${orgId} and r.rfq_id = any(${rfqIds}::uuid[]) and r.kind = 'PRICING' and r.state <> 'SUPERSEDED'`,
    at,
  )

/** Keeps whether parts that could stand in were sold for these requests: one statement. */
export const noteStandInOutcomes = (
  tx: Transaction,
  orgId: string,
  rfqIds: readonly string[],
  at: Date,
): Promise<string[]> =>
  keep(
    tx,
    orgId,
    sql`
    select r.id, case when t.quantity is not null then 'ORDERED' when f.status in ('WON', 'LOST', 'EXPIRED') then 'NOT_TAKEN' end as result,
      t.price, case when t.price is not null then f.currency end as currency, t.quantity, coalesce(t.at, f.c3_modified_at) as at
    from inventory.recommendations r
    join inventory.rfqs f on f.org_id = r.org_id and f.id = r.rfq_id
    ${sold(sql`x.component_id = r.alternative_id`)}
    where r.org_id = ${orgId} and r.rfq_id = any(${rfqIds}::uuid[]) and r.kind = 'ALTERNATIVE' and r.state <> 'SUPERSEDED'`,
    at,
  )

/** Keeps what was bought of these parts first after it was recommended or warned of: one statement. */
export const noteOrderOutcomes = (
  tx: Transaction,
  orgId: string,
  componentIds: readonly string[],
  at: Date,
): Promise<string[]> =>
  keep(
    tx,
    orgId,
    sql`
    select r.id, 'ORDERED' as result, t.unit_price as price, t.currency, t.quantity, t.occurred_at as at
    from inventory.recommendations r, lateral (
      select x.unit_price, x.currency, x.quantity, x.occurred_at from inventory.transactions x
      where x.org_id = r.org_id and x.component_id = r.component_id and x.kind = 'PURCHASE' and x.deleted_at is null
        and x.occurred_at >= r.created_at
      order by x.occurred_at, x.id limit 1
    ) t
    where r.org_id = ${orgId} and r.component_id = any(${componentIds}::uuid[]) and r.rfq_id is null and r.state <> 'SUPERSEDED'`,
    at,
  )

/** Lets everything expire that was proposed for requests that are decided: one statement. @returns ids */
export const expireOf = async (
  tx: Transaction,
  orgId: string,
  rfqIds: readonly string[],
  at: Date,
): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    update inventory.recommendations set state = 'EXPIRED', version = version + 1, changed_at = ${at}::timestamptz
    where org_id = ${orgId} and rfq_id = any(${rfqIds}::uuid[]) and state = 'PROPOSED' returning id`.execute(
    tx,
  )
  return rows.map(({ id }) => id)
}
