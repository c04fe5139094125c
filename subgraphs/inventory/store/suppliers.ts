import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A supplier as it is kept. */
export interface SupplierRow {
  id: string
  connectionId: string
  c3SupplierId: string
  name: string
  country: string | null
  leadTimeDays: number
  /** From 0 to 1. */
  onTime: number | null
  isApproved: boolean
  c3LastSync: Date
}

const columns = sql`
  id, connection_id as "connectionId", c3_supplier_id as "c3SupplierId", name, country, lead_time_days as "leadTimeDays",
  on_time::float8 as "onTime", is_approved as "isApproved", c3_last_sync as "c3LastSync"`

/** The suppliers with these ids, one statement for all. */
export const suppliersById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<SupplierRow[]> => {
  const { rows } = await sql<SupplierRow>`
    select ${columns} from inventory.suppliers
    where org_id = ${orgId} and id = any(${ids}::uuid[]) and deleted_at is null`.execute(tx)
  return rows
}

/** The suppliers with these ids in C3, of whichever connection, one statement for all. */
export const suppliersByC3Id = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<SupplierRow[]> => {
  const { rows } = await sql<SupplierRow>`
    select distinct on (c3_supplier_id) ${columns} from inventory.suppliers
    where org_id = ${orgId} and c3_supplier_id = any(${ids}) and deleted_at is null
    order by c3_supplier_id, id`.execute(tx)
  return rows
}

/** A page of suppliers by name. `after` is (name, id). */
export const supplierPage = async (
  tx: Transaction,
  orgId: string,
  page: { isApproved: boolean | null; limit: number; after: readonly [string, string] | null },
): Promise<SupplierRow[]> => {
  const { isApproved, limit, after } = page
  const approved = isApproved === null ? sql`` : sql`and is_approved = ${isApproved}`
  const behind = after ? sql`and (name, id) > (${after[0]}, ${after[1]}::uuid)` : sql``
  const { rows } = await sql<SupplierRow>`
    select ${columns} from inventory.suppliers
    where org_id = ${orgId} and deleted_at is null ${approved} ${behind} order by name, id limit ${limit}`.execute(
    tx,
  )
  return rows
}

export const countSuppliers = async (
  tx: Transaction,
  orgId: string,
  isApproved: boolean | null,
): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*) as n from inventory.suppliers
    where org_id = ${orgId} and deleted_at is null and (${isApproved}::boolean is null or is_approved = ${isApproved})`.execute(
    tx,
  )
  return rows[0]!.n
}

/** Writes suppliers as C3 has them, one statement for all. */
export const upsertSuppliers = async (
  tx: Transaction,
  orgId: string,
  suppliers: readonly (SupplierRow & { c3ModifiedAt: Date })[],
): Promise<void> => {
  if (suppliers.length === 0) return
  await sql`
    insert into inventory.suppliers
      (org_id, id, connection_id, c3_supplier_id, name, country, lead_time_days, on_time, is_approved, c3_modified_at, c3_last_sync)
    select ${orgId}::uuid, r."id", r."connectionId", r."c3SupplierId", r."name", r."country", r."leadTimeDays", r."onTime",
      r."isApproved", r."c3ModifiedAt", r."c3LastSync"
    from jsonb_to_recordset(${JSON.stringify(suppliers)}::jsonb) as r(
      "id" uuid, "connectionId" uuid, "c3SupplierId" text, "name" text, "country" text, "leadTimeDays" int, "onTime" numeric,
      "isApproved" boolean, "c3ModifiedAt" timestamptz, "c3LastSync" timestamptz)
    on conflict (org_id, id) do update set
      name = excluded.name, country = excluded.country, lead_time_days = excluded.lead_time_days, on_time = excluded.on_time,
      is_approved = excluded.is_approved, c3_modified_at = excluded.c3_modified_at, c3_last_sync = excluded.c3_last_sync,
      deleted_at = null`.execute(tx)
}
