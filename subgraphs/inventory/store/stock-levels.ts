import { sql } from 'kysely'
import { clearsAt } from '../domain/stock-alerts.ts'
import type { Transaction } from './transaction.ts'

/** When a part is to be ordered again. */
export interface StockLevel {
  /** At how many free ones. */
  reorderPoint: number
  /** How many then; null where nobody has said. */
  orderQuantity: number | null
  /** Which recommendation said so; null where somebody has set it. */
  recommendationId: string | null
}

/** When a part is to be ordered again, and whether so few are free. */
export interface StockLevelRow extends StockLevel {
  componentId: string
  isLow: boolean
}

/** The levels of these parts; one statement for all. */
export const stockLevelsOf = async (
  tx: Transaction,
  orgId: string,
  componentIds: readonly string[],
): Promise<StockLevelRow[]> => {
  const { rows } = await sql<StockLevelRow>`
    select component_id as "componentId", reorder_point as "reorderPoint", order_quantity as "orderQuantity",
      recommendation_id as "recommendationId", is_low as "isLow"
    from inventory.stock_levels
    where org_id = ${orgId} and component_id = any(${componentIds}::uuid[])`.execute(tx)
  return rows
}

/** How many of a part are free on all shelves together. What is oversold on one shelf takes nothing from another. */
const freeOf = (componentId: ReturnType<typeof sql.ref>) => sql`(
  select coalesce(sum(greatest(0, i.quantity_available - i.quantity_reserved - i.quantity_promised)), 0)::int from inventory.inventory i
  where i.org_id = l.org_id and i.component_id = ${componentId} and i.deleted_at is null)`

/** The level of a part, which nobody else sets until the transaction ends: also where there is none. */
export const lockStockLevel = async (
  tx: Transaction,
  orgId: string,
  componentId: string,
): Promise<StockLevelRow | null> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`stock level ${orgId} ${componentId}`}, 0))`.execute(
    tx,
  )
  return (await stockLevelsOf(tx, orgId, [componentId]))[0] ?? null
}

/** Says when a part is to be ordered again, and notes whether so few are free; null: that nobody wants to know. */
export const setStockLevel = async (
  tx: Transaction,
  orgId: string,
  componentId: string,
  level: StockLevel | null,
  at: Date,
): Promise<void> => {
  if (level === null) {
    await sql`delete from inventory.stock_levels where org_id = ${orgId} and component_id = ${componentId}::uuid`.execute(
      tx,
    )
    return
  }
  const { reorderPoint, orderQuantity, recommendationId } = level
  await sql`
    insert into inventory.stock_levels
      (org_id, component_id, reorder_point, order_quantity, recommendation_id, clears_at, is_low, set_at)
    select l.org_id, l.id, ${reorderPoint}::int, ${orderQuantity}::int, ${recommendationId}::uuid, ${clearsAt(reorderPoint)}::int,
      ${freeOf(sql.ref('l.id'))} <= ${reorderPoint}::int, ${at}::timestamptz
    from inventory.components l where l.org_id = ${orgId} and l.id = ${componentId}::uuid
    on conflict (org_id, component_id) do update set reorder_point = excluded.reorder_point, order_quantity = excluded.order_quantity,
      recommendation_id = excluded.recommendation_id, clears_at = excluded.clears_at, is_low = excluded.is_low,
      set_at = excluded.set_at`.execute(tx)
}

/** A part that has come to be low. */
export interface LowPart {
  componentId: string
  reorderPoint: number
  free: number
}

/**
 * Notes of the parts of these stock rows which are low by now and which are well again: one statement, and another where somebody wants
 * to know of any.
 * @returns those that have come to be low
 */
export const notePartsLow = async (
  tx: Transaction,
  orgId: string,
  stockIds: readonly string[],
): Promise<LowPart[]> => {
  if (stockIds.length === 0) return []
  // Locked before they are counted: of two who take from one part at once the second counts what the first has left. In one order.
  const { rows: watched } = await sql<{ id: string }>`
    select l.component_id as id from inventory.stock_levels l
    where l.org_id = ${orgId} and l.component_id in (
      select i.component_id from inventory.inventory i where i.org_id = ${orgId} and i.id = any(${stockIds}::uuid[]))
    order by l.component_id for update of l`.execute(tx)
  if (watched.length === 0) return []
  const { rows } = await sql<LowPart & { isLow: boolean }>`
    with counted as (
      select l.*, ${freeOf(sql.ref('l.component_id'))} as free from inventory.stock_levels l
      where l.org_id = ${orgId} and l.component_id = any(${watched.map(({ id }) => id)}::uuid[])
    )
    update inventory.stock_levels l set is_low = not c.is_low from counted c
    where l.org_id = c.org_id and l.component_id = c.component_id
      and case when c.is_low then c.free >= c.clears_at else c.free <= c.reorder_point end
    returning l.component_id as "componentId", l.reorder_point as "reorderPoint", l.is_low as "isLow", c.free`.execute(
    tx,
  )
  return rows.filter(({ isLow }) => isLow)
}

/** A stock row of which more are reserved than lie there. */
export interface OversoldRow {
  stockId: string
  componentId: string
  free: number
}

/** Notes which of these stock rows are oversold by now and which are no longer: one statement. @returns those that have come to be */
export const noteOversold = async (
  tx: Transaction,
  orgId: string,
  stockIds: readonly string[],
  at: Date,
): Promise<OversoldRow[]> => {
  if (stockIds.length === 0) return []
  const free = sql`i.quantity_available - i.quantity_reserved - i.quantity_promised`
  const { rows } = await sql<OversoldRow & { isOversold: boolean }>`
    update inventory.inventory i set oversold_since = case when i.oversold_since is null then ${at}::timestamptz end
    where i.org_id = ${orgId} and i.id = any(${stockIds}::uuid[])
      and (${free} < 0 and i.deleted_at is null) <> (i.oversold_since is not null)
    returning i.id as "stockId", i.component_id as "componentId", ${free} as free, i.oversold_since is not null as "isOversold"`.execute(
    tx,
  )
  return rows.filter(({ isOversold }) => isOversold)
}
