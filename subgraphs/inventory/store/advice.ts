import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A part for which others are looked for that could stand in for it. */
export interface StandInFor {
  id: string
  family: string
  category: string | null
  /** What the others must have just so. */
  equal: readonly { name: string; value: string; unit: string | null }[]
}

const MOST_STAND_INS = 200

/** Ids of the parts that may stand in for others, as far as equality tells: by the one asked for; one statement. */
export const standInsOf = async (
  tx: Transaction,
  orgId: string,
  asked: readonly StandInFor[],
): Promise<Map<string, string[]>> => {
  const { rows } = await sql<{ id: string; askedId: string }>`
    select p.id as "askedId", o.id
    from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as p(id uuid, family text, category text, equal jsonb), lateral (
      select c.id from inventory.components c
      where c.org_id = ${orgId} and c.family = p.family and c.id <> p.id and c.category is not distinct from p.category
        and c.parameters @> p.equal
      order by c.id limit ${MOST_STAND_INS}
    ) o`.execute(tx)
  return new Map(
    [...Map.groupBy(rows, ({ askedId }) => askedId)].map(([id, found]) => [id, found.map((each) => each.id)]),
  )
}

/** How many pieces were sold of each part in each order since an instant; one statement. Parts that were not sold are absent. */
export const salesOf = async (
  tx: Transaction,
  orgId: string,
  componentIds: readonly string[],
  since: Date,
): Promise<Map<string, number[]>> => {
  const { rows } = await sql<{ id: string; orders: number[] }>`
    select component_id as id, array_agg(quantity order by occurred_at, id) as orders from inventory.transactions
    where org_id = ${orgId} and component_id = any(${componentIds}::uuid[]) and kind = 'SALE' and deleted_at is null
      and occurred_at >= ${since}::timestamptz
    group by component_id`.execute(tx)
  return new Map(rows.map(({ id, orders }) => [id, orders]))
}

/** For how many days what lies there of each part has lain, weighted by pieces; one statement. Parts of no known age are absent. */
export const shelfDaysOf = async (
  tx: Transaction,
  orgId: string,
  componentIds: readonly string[],
  now: Date,
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ id: string; days: number }>`
    select component_id as id,
      greatest(0, sum(quantity_available::float8 * (${now}::timestamptz::date - received_on)) / sum(quantity_available)) as days
    from inventory.inventory
    where org_id = ${orgId} and component_id = any(${componentIds}::uuid[]) and deleted_at is null and received_on is not null
      and quantity_available > 0
    group by component_id`.execute(tx)
  return new Map(rows.map(({ id, days }) => [id, days]))
}

/** A line of a request that was won or lost, with what its part costs us. */
export interface DecidedLine {
  rfqId: string
  componentId: string
  category: string
  family: string | null
  accountId: string
  quantity: number
  /** Price over cost. */
  markup: number
  isWon: boolean
  decidedAt: Date
}

const MOST_LINES = 2_000

/** The lines of parts of these kinds that were decided last, at most 2,000 of each kind; one statement. */
export const decidedLines = async (
  tx: Transaction,
  orgId: string,
  categories: readonly string[],
): Promise<DecidedLine[]> => {
  const { rows } = await sql<DecidedLine>`
    select d.* from unnest(${categories}::text[]) as k(category), lateral (
      select l.rfq_id as "rfqId", c.id as "componentId", c.category, c.family, r.account_id as "accountId", l.quantity,
        (l.unit_price / s.cost)::float8 as markup, r.status = 'WON' as "isWon", r.c3_modified_at as "decidedAt"
      from inventory.components c
      join inventory.rfq_lines l on l.org_id = c.org_id and l.base_number = c.base_number
        and (l.manufacturer is null or l.manufacturer = c.manufacturer)
      join inventory.rfqs r on r.org_id = l.org_id and r.id = l.rfq_id and r.status in ('WON', 'LOST') and r.deleted_at is null
      cross join lateral (
        select sum(i.quantity_available * i.cost_per_unit) / nullif(sum(i.quantity_available), 0) as cost
        from inventory.inventory i
        where i.org_id = c.org_id and i.component_id = c.id and i.deleted_at is null and i.currency = r.currency
      ) s
      where c.org_id = ${orgId} and c.category = k.category and l.unit_price > 0 and s.cost > 0
      order by r.c3_modified_at desc, l.rfq_id, l.line, c.id limit ${MOST_LINES}
    ) d`.execute(tx)
  return rows
}
