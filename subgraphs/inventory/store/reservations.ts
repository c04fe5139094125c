import { sql } from 'kysely'
import type { Shelf } from '../domain/reservations.ts'
import type { Transaction } from './transaction.ts'

/** What is held of a stock row for a request. */
export interface ReservationRow {
  rfqId: string
  stockId: string
  c3StockId: string
  quantity: number
  /** What C3 is known to hold. */
  c3Quantity: number
}

/** What is held for these requests, by C3's id of the stock row; one statement for all. */
export const reservationsOf = async (
  tx: Transaction,
  orgId: string,
  rfqIds: readonly string[],
): Promise<ReservationRow[]> => {
  const { rows } = await sql<ReservationRow>`
    select rfq_id as "rfqId", stock_id as "stockId", c3_stock_id as "c3StockId", quantity, c3_quantity as "c3Quantity"
    from inventory.reservations where org_id = ${orgId} and rfq_id = any(${rfqIds}::uuid[])
    order by rfq_id, c3_stock_id`.execute(tx)
  return rows
}

/** Which shelves are looked at. */
export interface ShelfChoice {
  connectionId: string
  rfqId: string
  /** One stock row; null for others. */
  stockId: string | null
  /** All rows of a part; null for others. With neither: those of which something is held for the request. */
  componentId: string | null
}

/** Shelves with what is free on each, locked until the transaction ends: nobody else takes from them meanwhile. In one order for everybody. */
export const lockShelves = async (tx: Transaction, orgId: string, choice: ShelfChoice): Promise<Shelf[]> => {
  const { connectionId, rfqId, stockId, componentId } = choice
  const wanted =
    stockId !== null
      ? sql`i.id = ${stockId}::uuid`
      : componentId !== null
        ? sql`i.component_id = ${componentId}::uuid`
        : sql`i.id in (select r.stock_id from inventory.reservations r where r.org_id = ${orgId} and r.rfq_id = ${rfqId}::uuid)`
  const { rows } = await sql<Omit<Shelf, 'held'>>`
    select i.id, i.c3_stock_id as "c3StockId", i.received_on::text as "receivedOn",
      i.quantity_available - i.quantity_reserved - i.quantity_promised as free
    from inventory.inventory i
    where i.org_id = ${orgId} and i.connection_id = ${connectionId}::uuid and i.deleted_at is null and ${wanted}
    order by i.id for update of i`.execute(tx)
  const held = new Map(
    (await reservationsOf(tx, orgId, [rfqId])).map(({ stockId: id, quantity }) => [id, quantity]),
  )
  return rows.map((row) => ({ ...row, held: held.get(row.id) ?? 0 }))
}

/**
 * Writes what is held for requests in the place of what was: two statements for all. What C3 has begun to hold it counts as reserved;
 * what it no longer holds is free once its row says so, and not before. Nothing is held of what C3 does not know.
 * @param requests of which everything that is held is given; `isNew`: C3's rows have counted it before the hub met it
 * @returns stock rows of which another number is held by now; `isRecounted`: also in C3, so that what it says of them is to be read
 */
export const replaceReservations = async (
  tx: Transaction,
  orgId: string,
  requests: readonly { rfqId: string; isNew: boolean; held: readonly Omit<ReservationRow, 'rfqId'>[] }[],
): Promise<{ stockId: string; c3StockId: string; isRecounted: boolean }[]> => {
  if (requests.length === 0) return []
  const asked = JSON.stringify(requests.map(({ rfqId, isNew }) => ({ rfqId, isNew })))
  const rows = JSON.stringify(requests.flatMap(({ rfqId, held }) => held.map((each) => ({ ...each, rfqId }))))
  const { rows: moved } = await sql<{
    stockId: string
    c3StockId: string
    more: number
    isRecounted: boolean
  }>`
    with asked as (
      select * from jsonb_to_recordset(${asked}::jsonb) as q("rfqId" uuid, "isNew" boolean)
    ), wanted as (
      select * from jsonb_to_recordset(${rows}::jsonb)
        as w("rfqId" uuid, "stockId" uuid, "c3StockId" text, "quantity" int, "c3Quantity" int)
    ), before as (
      select r.* from inventory.reservations r join asked q on q."rfqId" = r.rfq_id where r.org_id = ${orgId}::uuid
    ), gone as (
      delete from inventory.reservations r using asked q
      where r.org_id = ${orgId}::uuid and r.rfq_id = q."rfqId" and not exists (
        select 1 from wanted w where w."rfqId" = r.rfq_id and w."c3StockId" = r.c3_stock_id)
    ), kept as (
      insert into inventory.reservations as r (org_id, rfq_id, c3_stock_id, stock_id, quantity, c3_quantity)
      select ${orgId}::uuid, w."rfqId", w."c3StockId", w."stockId", w."quantity", w."c3Quantity" from wanted w
      on conflict (org_id, rfq_id, c3_stock_id) do update set quantity = excluded.quantity, c3_quantity = excluded.c3_quantity
    )
    select coalesce(w."stockId", b.stock_id) as "stockId", coalesce(w."c3StockId", b.c3_stock_id) as "c3StockId",
      sum(case when q."isNew" then 0 else greatest(0, coalesce(w."c3Quantity", 0) - coalesce(b.c3_quantity, 0)) end)::int as more,
      bool_or(not q."isNew" and coalesce(w."c3Quantity", 0) <> coalesce(b.c3_quantity, 0)) as "isRecounted"
    from wanted w full join before b on b.rfq_id = w."rfqId" and b.c3_stock_id = w."c3StockId"
    join asked q on q."rfqId" = coalesce(w."rfqId", b.rfq_id)
    where (w."quantity", w."c3Quantity") is distinct from (b.quantity, b.c3_quantity)
    group by 1, 2`.execute(tx)
  if (moved.length > 0) await countPromised(tx, orgId, moved)
  return moved
}

/** Works out anew what is promised of stock rows, and adds what C3 has begun to count. */
const countPromised = async (
  tx: Transaction,
  orgId: string,
  moved: readonly { stockId: string; more: number }[],
): Promise<void> => {
  await sql`
    with moved as (
      select i.id, m.more from jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) as m("stockId" uuid, more int)
      join inventory.inventory i on i.org_id = ${orgId}::uuid and i.id = m."stockId" order by i.id for update of i
    )
    update inventory.inventory i set quantity_reserved = i.quantity_reserved + m.more, quantity_promised = (
        select coalesce(sum(greatest(0, r.quantity - r.c3_quantity)), 0) from inventory.reservations r
        where r.org_id = i.org_id and r.stock_id = i.id)
    from moved m where i.org_id = ${orgId}::uuid and i.id = m.id`.execute(tx)
}
