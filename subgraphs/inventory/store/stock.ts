import { type RawBuilder, sql } from 'kysely'
import { beginsWith } from './beginning.ts'
import type { Transaction } from './transaction.ts'

/** What one is sold for from a number of pieces on. */
export interface PriceBreakRow {
  quantity: number
  /** Decimal, in `currency`. */
  unitPrice: string
  currency: string
}

/** A stock row as it is kept. */
export interface StockItemRow {
  id: string
  connectionId: string
  componentId: string
  partNumber: string
  manufacturer: string
  description: string | null
  c3StockId: string
  location: string
  quantityAvailable: number
  /** What C3 counts and what is promised here. */
  quantityReserved: number
  quantityPromised: number
  costPerUnit: string
  c3CostPerUnit: string
  currency: string
  dateCode: string | null
  lotCode: string | null
  receivedOn: string | null
  priceBreaks: Omit<PriceBreakRow, 'currency'>[]
  c3LastSync: Date
}

const columns = sql`
  i.id, i.connection_id as "connectionId", i.component_id as "componentId", i.part_number as "partNumber", c.manufacturer,
  c.description, i.c3_stock_id as "c3StockId", i.location, i.quantity_available as "quantityAvailable",
  i.quantity_reserved + i.quantity_promised as "quantityReserved", i.quantity_promised as "quantityPromised", i.cost_per_unit as "costPerUnit", i.c3_cost_per_unit as "c3CostPerUnit",
  i.currency, i.date_code as "dateCode", i.lot_code as "lotCode", i.received_on::text as "receivedOn",
  coalesce(i.price_breaks, '[]') as "priceBreaks", i.c3_last_sync as "c3LastSync"`

/** The stock rows with these ids, one statement for all. */
export const stockById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<StockItemRow[]> => {
  const { rows } = await sql<StockItemRow>`
    select ${columns} from inventory.inventory i
    join inventory.components c on c.org_id = i.org_id and c.id = i.component_id
    where i.org_id = ${orgId} and i.id = any(${ids}::uuid[]) and i.deleted_at is null`.execute(tx)
  return rows
}

/** Which stock rows. What is null does not narrow. */
export interface StockChoice {
  /** How the part number begins. */
  partNumber: string | null
  componentId: string | null
  location: string | null
  isOversold: boolean | null
  inStock: boolean | null
}

const conditions = (choice: StockChoice): RawBuilder<unknown> => {
  const { partNumber, componentId, location, isOversold, inStock } = choice
  const free = sql`i.quantity_available - i.quantity_reserved - i.quantity_promised`
  return sql.join(
    [
      sql`i.deleted_at is null`,
      ...(partNumber ? [beginsWith(sql`i.part_number`, partNumber)] : []),
      ...(componentId === null ? [] : [sql`i.component_id = ${componentId}::uuid`]),
      ...(location === null ? [] : [sql`i.location = ${location}`]),
      ...(isOversold === null
        ? []
        : [isOversold ? sql`i.oversold_since is not null` : sql`i.oversold_since is null`]),
      ...(inStock === null ? [] : [inStock ? sql`${free} > 0` : sql`${free} <= 0`]),
    ],
    sql` and `,
  )
}

/** A page of stock by part number. `after` is (part number, id). */
export const stockPage = async (
  tx: Transaction,
  orgId: string,
  choice: StockChoice,
  page: { limit: number; after: readonly [string, string] | null },
): Promise<StockItemRow[]> => {
  const behind = page.after
    ? sql`and (i.part_number ~>~ ${page.after[0]} or (i.part_number = ${page.after[0]} and i.id > ${page.after[1]}::uuid))`
    : sql``
  const { rows } = await sql<StockItemRow>`
    select ${columns} from inventory.inventory i
    join inventory.components c on c.org_id = i.org_id and c.id = i.component_id
    where i.org_id = ${orgId} and ${conditions(choice)} ${behind}
    order by i.part_number using ~<~, i.id limit ${page.limit}`.execute(tx)
  return rows
}

/** For each component its page of stock, by location; one statement for all. `after` is (location, id). */
export const stockPages = async (
  tx: Transaction,
  orgId: string,
  componentIds: readonly string[],
  page: { limit: number; after: readonly [string, string] | null },
): Promise<Map<string, StockItemRow[]>> => {
  const behind = page.after ? sql`and (i.location, i.id) > (${page.after[0]}, ${page.after[1]}::uuid)` : sql``
  const { rows } = await sql<StockItemRow>`
    select r.* from unnest(${componentIds}::uuid[]) as p(id), lateral (
      select ${columns} from inventory.inventory i
      join inventory.components c on c.org_id = i.org_id and c.id = i.component_id
      where i.org_id = ${orgId} and i.component_id = p.id and i.deleted_at is null ${behind}
      order by i.location, i.id limit ${page.limit}
    ) r order by r."componentId", r.location, r.id`.execute(tx)
  return Map.groupBy(rows, (row) => row.componentId)
}

/** How many stock rows each component has; one statement for all. */
export const countStockOf = async (
  tx: Transaction,
  orgId: string,
  componentIds: readonly string[],
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ id: string; n: number }>`
    select component_id as id, count(*) as n from inventory.inventory
    where org_id = ${orgId} and component_id = any(${componentIds}::uuid[]) and deleted_at is null group by component_id`.execute(
    tx,
  )
  return new Map(rows.map(({ id, n }) => [id, n]))
}

/** How many stock rows a choice has. */
export const countStock = async (tx: Transaction, orgId: string, choice: StockChoice): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from inventory.inventory i where i.org_id = ${orgId} and ${conditions(choice)}`.execute(
    tx,
  )
  return rows[0]!.n
}

/**
 * Writes stock rows as C3 has them, one statement for all, in the order in which whoever holds stock locks them. What is promised here
 * stays so.
 */
export const upsertStock = async (
  tx: Transaction,
  orgId: string,
  rows: readonly (Omit<
    StockItemRow,
    'manufacturer' | 'description' | 'c3CostPerUnit' | 'priceBreaks' | 'quantityPromised'
  > & {
    /** JSON texts. */
    priceBreaks: string
    /** What it says of its part, where that is not what the part has. */
    part: string | null
  })[],
): Promise<void> => {
  if (rows.length === 0) return
  await sql`
    insert into inventory.inventory
      (org_id, id, connection_id, component_id, part_number, c3_stock_id, location, quantity_available,
       quantity_reserved, cost_per_unit, c3_cost_per_unit, currency, date_code, lot_code, received_on, price_breaks, part,
       c3_last_sync, created_at, updated_at)
    select ${orgId}::uuid, r."id", r."connectionId", r."componentId", r."partNumber", r."c3StockId", r."location",
      r."quantityAvailable", r."quantityReserved", r."costPerUnit", r."costPerUnit", r."currency", r."dateCode",
      r."lotCode", r."receivedOn", r."priceBreaks"::json, r."part"::json, r."c3LastSync", r."c3LastSync", r."c3LastSync"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
      "id" uuid, "connectionId" uuid, "componentId" uuid, "partNumber" text, "c3StockId" text, "location" text,
      "quantityAvailable" int, "quantityReserved" int, "costPerUnit" numeric, "currency" text, "dateCode" text,
      "lotCode" text, "receivedOn" date, "priceBreaks" text, "part" text, "c3LastSync" timestamptz)
    order by r."id"
    on conflict (org_id, id) do update set
      component_id = excluded.component_id, part_number = excluded.part_number, location = excluded.location,
      quantity_available = excluded.quantity_available, quantity_reserved = excluded.quantity_reserved,
      cost_per_unit = excluded.cost_per_unit, c3_cost_per_unit = excluded.c3_cost_per_unit,
      currency = excluded.currency, date_code = excluded.date_code, lot_code = excluded.lot_code,
      received_on = excluded.received_on, price_breaks = excluded.price_breaks, part = excluded.part,
      c3_last_sync = excluded.c3_last_sync, updated_at = excluded.updated_at,
      deleted_at = null`.execute(tx)
}
