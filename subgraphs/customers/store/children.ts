import { type RawBuilder, sql } from 'kysely'
import type { ChildType, RecordType } from '../domain/kinds.ts'
import { type ChildFilter, filterOf } from './child-filters.ts'
import { ORDERS, type OrderName, type Place } from './child-orders.ts'
import type { ChildRows } from './child-rows.ts'
import { PARTED, type PartedType, SHAPES } from './child-shapes.ts'
import type { Transaction } from './transaction.ts'

const tableOf = (type: RecordType) => sql.table(`customers.${type}`)

/** Records by id: one statement. Gone ones are absent. */
export const childrenById = async <T extends ChildType>(
  tx: Transaction,
  orgId: string,
  type: T,
  ids: readonly string[],
): Promise<Map<string, ChildRows[T]>> => {
  const { columns, join } = SHAPES[type]
  const { rows } = await sql<ChildRows[T]>`
    select ${columns} from ${tableOf(type)} t ${join}
    where t.org_id = ${orgId}::uuid and t.id = any(${ids}::uuid[]) and t.gone_at is null`.execute(tx)
  return new Map(rows.map((row) => [row.id, row]))
}

/**
 * Records by `integration/portal's id`: one statement. An id that the portal has merged away finds the record that took its place;
 * gone ones are absent.
 */
export const childrenByRecord = async <T extends ChildType>(
  tx: Transaction,
  orgId: string,
  type: T,
  keys: readonly string[],
): Promise<Map<string, ChildRows[T]>> => {
  const { columns, join } = SHAPES[type]
  const asked = keys.map((key) => ({ asked: key, integration: key.slice(0, 36), record: key.slice(37) }))
  const { rows } = await sql<ChildRows[T] & { asked: string }>`
    with recursive chain as (
      select k.asked, r.id, r.merged_into, 0 as depth
      from json_to_recordset(${JSON.stringify(asked)}::json) as k(asked text, integration uuid, record text)
      join ${tableOf(type)} r on r.org_id = ${orgId}::uuid and r.integration_id = k.integration and r.external_id = k.record
      union all
      select chain.asked, r.id, r.merged_into, chain.depth + 1 from chain join ${tableOf(type)} r on r.id = chain.merged_into
      where r.org_id = ${orgId}::uuid and chain.depth < 20
    )
    select chain.asked, ${columns} from chain join ${tableOf(type)} t on t.id = chain.id ${join}
    where chain.merged_into is null and t.org_id = ${orgId}::uuid and t.gone_at is null`.execute(tx)
  return new Map(rows.map(({ asked: key, ...row }) => [key, row as unknown as ChildRows[T]]))
}

/** Whose records a list is of: a customer's, those linked with a record of another kind, or the deals of a request for prices. */
export type ParentType = 'customers' | 'rfqs' | ChildType

/** Which records of each parent, and in what order. */
export interface ChildPage {
  of: ParentType
  order: OrderName
  filter: ChildFilter
  limit: number
  after: Place | null
}

// What records of a kind are reached from parents `p`, as `t`. Through the edges, so that a record linked with several companies of a customer shows with each and counts once. Each pair is
// kept from one side only: `isBack` when the parent is the side that it is kept from.
export const reached = (of: ParentType, type: ChildType): RawBuilder<unknown> => {
  if (of === 'rfqs')
    return sql`(select org_id, rfq_id as id, deal_id, null::timestamptz as gone_at from customers.rfq_deals where state = 'LINKED') p
      join ${tableOf(type)} t on t.org_id = p.org_id and t.id = p.deal_id and t.gone_at is null`
  const parent: RecordType = of === 'customers' ? 'companies' : of
  const isBack = SIDES.indexOf(parent) > SIDES.indexOf(type)
  return sql`${tableOf(parent)} p
    join customers.edges e on e.org_id = p.org_id and e.integration_id = p.integration_id and ${
      isBack
        ? sql`e.from_type = ${parent} and e.from_id = p.external_id and e.to_type = ${type}`
        : sql`e.to_type = ${parent} and e.to_id = p.external_id and e.from_type = ${type}`
    }
    join ${tableOf(type)} t on t.org_id = e.org_id and t.integration_id = e.integration_id
      and t.external_id = ${isBack ? sql`e.to_id` : sql`e.from_id`} and t.gone_at is null`
}

/** A kind is linked to those before it, and the pair is kept with the later of the two. */
const SIDES: readonly RecordType[] = ['companies', 'contacts', 'deals', 'tickets', 'tasks', 'notes']

const parentId = (of: ParentType) => (of === 'customers' ? sql`p.customer_id` : sql`p.id`)

/** A page of records for each of many parents: one statement. */
export const childrenOf = async <T extends ChildType>(
  tx: Transaction,
  orgId: string,
  type: T,
  parentIds: readonly string[],
  page: ChildPage,
): Promise<Map<string, ChildRows[T][]>> => {
  const { columns, join } = SHAPES[type]
  const order = ORDERS[page.order]
  const { rows } = await sql<ChildRows[T] & { of_parent: string }>`
    select k.id as of_parent, c.* from unnest(${parentIds}::uuid[]) as k(id)
    cross join lateral (
      select * from (
        select distinct on (${order.columns('t')}) ${columns} from ${reached(page.of, type)} ${join}
        where p.org_id = ${orgId}::uuid and ${parentId(page.of)} = k.id and p.gone_at is null ${filterOf(page.filter)}
          ${page.after ? sql`and ${order.behind('t', page.after)}` : sql``}
      ) one order by ${order.by('one')} limit ${page.limit}
    ) c order by ${order.by('c')}`.execute(tx)
  return Map.groupBy(rows, (row) => row.of_parent)
}

/** How many records each of many parents has: one statement. */
export const countChildren = async (
  tx: Transaction,
  orgId: string,
  type: ChildType,
  parentIds: readonly string[],
  { of, filter }: Pick<ChildPage, 'of' | 'filter'>,
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ parent_id: string; count: number }>`
    select ${parentId(of)} as parent_id, count(distinct t.id) as count from ${reached(of, type)} ${SHAPES[type].join}
    where p.org_id = ${orgId}::uuid and ${parentId(of)} = any(${parentIds}::uuid[]) and p.gone_at is null ${filterOf(filter)}
    group by 1`.execute(tx)
  return new Map(rows.map((row) => [row.parent_id, row.count]))
}

/** What deals in one currency are worth together. */
export interface CurrencySum {
  amount: string
  currency: string
  deals: number
}

const CURRENCY = sql`coalesce(t.currency, n.currency, 'USD')`

/** What the deals of each of many parents are worth, by currency: one statement. */
export const sumDeals = async (
  tx: Transaction,
  orgId: string,
  parentIds: readonly string[],
  { of, filter }: Pick<ChildPage, 'of' | 'filter'>,
): Promise<Map<string, CurrencySum[]>> => {
  const { rows } = await sql<CurrencySum & { parent_id: string }>`
    select parent_id, currency, coalesce(sum(amount), 0)::text as amount, count(*) as deals from (
      select distinct ${parentId(of)} as parent_id, t.id, t.amount, ${CURRENCY} as currency from ${reached(of, 'deals')} ${SHAPES.deals.join}
      where p.org_id = ${orgId}::uuid and ${parentId(of)} = any(${parentIds}::uuid[]) and p.gone_at is null ${filterOf(filter)}
    ) d group by parent_id, currency order by currency`.execute(tx)
  return Map.groupBy(rows, (row) => row.parent_id)
}

/** What all deals that a filter leaves are worth, by currency. */
export const sumAllDeals = async (
  tx: Transaction,
  orgId: string,
  filter: ChildFilter,
): Promise<CurrencySum[]> => {
  const { rows } = await sql<CurrencySum>`
    select ${CURRENCY} as currency, coalesce(sum(t.amount), 0)::text as amount, count(*) as deals
    from customers.deals t ${SHAPES.deals.join}
    where t.org_id = ${orgId}::uuid and t.gone_at is null ${partOf(filter)} ${filterOf(filter)} group by 1 order by 1`.execute(
    tx,
  )
  return rows
}

// Every value there is, so that the index that begins with it is taken.
const partOf = (filter: ChildFilter) =>
  filter.open === null || filter.open === undefined ? sql`and t.is_open in (true, false)` : sql``

/** A page of all records of a kind that has parts: one statement, a walk along an index for each part. */
export const listChildren = async <T extends PartedType>(
  tx: Transaction,
  orgId: string,
  type: T,
  { order: name, filter, limit, after }: Omit<ChildPage, 'of'>,
): Promise<ChildRows[T][]> => {
  const { columns, join, parts } = PARTED[type]
  const order = ORDERS[name]
  const asked = filter[parts.filter]
  const values = asked === null || asked === undefined ? parts.values : [String(asked)]
  const column = sql.ref(`t.${parts.column}`)
  const { rows } = await sql<ChildRows[T]>`
    select c.* from unnest(${values}::${sql.raw(parts.kind)}[]) as k(part)
    cross join lateral (
      select ${columns} from ${tableOf(type)} t ${join}
      where ${column} = k.part and t.org_id = ${orgId}::uuid and t.gone_at is null ${filterOf(filter)}
        ${after ? sql`and ${order.behind('t', after)}` : sql``}
      order by ${order.by('t')} limit ${limit}
    ) c order by ${order.by('c')} limit ${limit}`.execute(tx)
  return rows
}

/** A page of all records of a kind by id, those behind `after`: one statement. */
export const childrenAfter = async <T extends ChildType>(
  tx: Transaction,
  orgId: string,
  type: T,
  { filter, after, limit }: { filter: ChildFilter; after: string | null; limit: number },
): Promise<ChildRows[T][]> => {
  const { columns, join } = SHAPES[type]
  const { rows } = await sql<ChildRows[T]>`
    select ${columns} from ${tableOf(type)} t ${join}
    where t.org_id = ${orgId}::uuid and t.gone_at is null ${filterOf(filter)} ${after === null ? sql`` : sql`and t.id > ${after}::uuid`}
    order by t.id limit ${limit}`.execute(tx)
  return rows
}

/** How many records of a kind there are. */
export const countAll = async (
  tx: Transaction,
  orgId: string,
  type: ChildType,
  filter: ChildFilter,
): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from ${tableOf(type)} t ${SHAPES[type].join}
    where t.org_id = ${orgId}::uuid and t.gone_at is null ${filterOf(filter)}`.execute(tx)
  return rows[0]?.count ?? 0
}
