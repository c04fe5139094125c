import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

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
  quantityReserved: number
  costPerUnit: string
  c3CostPerUnit: string
  currency: string
  dateCode: string | null
  lotCode: string | null
  c3LastSync: Date
  syncStatus: 'SYNCED' | 'PENDING' | 'ERROR'
}

const columns = sql`
  i.id, i.connection_id as "connectionId", i.component_id as "componentId", i.part_number as "partNumber", c.manufacturer,
  c.description, i.c3_stock_id as "c3StockId", i.location, i.quantity_available as "quantityAvailable",
  i.quantity_reserved as "quantityReserved", i.cost_per_unit as "costPerUnit", i.c3_cost_per_unit as "c3CostPerUnit",
  i.currency, i.date_code as "dateCode", i.lot_code as "lotCode", i.c3_last_sync as "c3LastSync",
  i.sync_status as "syncStatus"`

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

/** A page of stock by part number. `after` is (part number, id). */
export const stockPage = async (
  tx: Transaction,
  orgId: string,
  page: { partNumber: string | null; limit: number; after: readonly [string, string] | null },
): Promise<StockItemRow[]> => {
  const begins = page.partNumber
    ? sql`and i.part_number like ${`${page.partNumber.replace(/[\\%_]/g, '\\$&')}%`}`
    : sql``
  const behind = page.after
    ? sql`and (i.part_number ~>~ ${page.after[0]} or (i.part_number = ${page.after[0]} and i.id > ${page.after[1]}::uuid))`
    : sql``
  const { rows } = await sql<StockItemRow>`
    select ${columns} from inventory.inventory i
    join inventory.components c on c.org_id = i.org_id and c.id = i.component_id
    where i.org_id = ${orgId} and i.deleted_at is null ${begins} ${behind}
    order by i.part_number using ~<~, i.id limit ${page.limit}`.execute(tx)
  return rows
}

/** How many stock rows there are, of part numbers that begin so. */
export const countStock = async (
  tx: Transaction,
  orgId: string,
  partNumber: string | null,
): Promise<number> => {
  const begins = partNumber ? sql`and part_number like ${`${partNumber.replace(/[\\%_]/g, '\\$&')}%`}` : sql``
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from inventory.inventory where org_id = ${orgId} and deleted_at is null ${begins}`.execute(
    tx,
  )
  return rows[0]!.n
}

/** Writes components that are new, one statement for all. */
export const insertComponents = async (
  tx: Transaction,
  orgId: string,
  components: readonly { id: string; partNumber: string; manufacturer: string; description: string | null }[],
): Promise<void> => {
  if (components.length === 0) return
  await sql`
    insert into inventory.components (org_id, id, part_number, manufacturer, description)
    select ${orgId}::uuid, c."id", c."partNumber", c."manufacturer", c."description"
    from jsonb_to_recordset(${JSON.stringify(components)}::jsonb)
      as c("id" uuid, "partNumber" text, "manufacturer" text, "description" text)
    on conflict do nothing`.execute(tx)
}

/** Writes stock rows as C3 has them, one statement for all. */
export const upsertStock = async (
  tx: Transaction,
  orgId: string,
  rows: readonly Omit<StockItemRow, 'manufacturer' | 'description' | 'c3CostPerUnit' | 'syncStatus'>[],
): Promise<void> => {
  if (rows.length === 0) return
  await sql`
    insert into inventory.inventory
      (org_id, id, connection_id, component_id, part_number, c3_stock_id, location, quantity_available,
       quantity_reserved, cost_per_unit, c3_cost_per_unit, currency, date_code, lot_code, c3_last_sync, sync_status,
       created_at, updated_at)
    select ${orgId}::uuid, r."id", r."connectionId", r."componentId", r."partNumber", r."c3StockId", r."location",
      r."quantityAvailable", r."quantityReserved", r."costPerUnit", r."costPerUnit", r."currency", r."dateCode",
      r."lotCode", r."c3LastSync", 'SYNCED', r."c3LastSync", r."c3LastSync"
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(
      "id" uuid, "connectionId" uuid, "componentId" uuid, "partNumber" text, "c3StockId" text, "location" text,
      "quantityAvailable" int, "quantityReserved" int, "costPerUnit" numeric, "currency" text, "dateCode" text,
      "lotCode" text, "c3LastSync" timestamptz)
    on conflict (org_id, id) do update set
      component_id = excluded.component_id, part_number = excluded.part_number, location = excluded.location,
      quantity_available = excluded.quantity_available, quantity_reserved = excluded.quantity_reserved,
      cost_per_unit = excluded.cost_per_unit, c3_cost_per_unit = excluded.c3_cost_per_unit,
      currency = excluded.currency, date_code = excluded.date_code, lot_code = excluded.lot_code,
      c3_last_sync = excluded.c3_last_sync, sync_status = 'SYNCED', updated_at = excluded.updated_at,
      deleted_at = null`.execute(tx)
}
