import { sql } from 'kysely'
import type { OwnObjectType } from '../domain/own-objects.ts'
import type { CatalogPlace } from './catalog.ts'
import type { Transaction } from './transaction.ts'

/** Notes under which numbers a portal keeps our own kinds of records: one statement. */
export const writePortalObjects = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  objects: ReadonlyMap<OwnObjectType, { typeId: string }>,
  at: Date,
): Promise<void> => {
  if (objects.size === 0) return
  const rows = [...objects].map(([type, { typeId }]) => ({ type, object_type_id: typeId }))
  await sql`
    insert into customers.portal_objects (org_id, integration_id, type, object_type_id, seen_at)
    select ${orgId}::uuid, ${integrationId}::uuid, r.type, r.object_type_id, ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(type text, object_type_id text)
    on conflict (org_id, integration_id, type) do update set object_type_id = excluded.object_type_id, seen_at = excluded.seen_at`.execute(
    tx,
  )
}

/** The numbers of our own kinds of records in a portal, as paths name them; what was not provisioned is absent: one statement. */
export const portalObjectsOf = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
): Promise<Map<OwnObjectType, string>> => {
  const { rows } = await sql<{ type: OwnObjectType; object_type_id: string }>`
    select type, object_type_id from customers.portal_objects
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid`.execute(tx)
  return new Map(rows.map((row) => [row.type, row.object_type_id]))
}

/** Our names for the numbers under which portals keep our own kinds of records, by `connection/number`: one statement. */
export const ownTypesByNumber = async (
  tx: Transaction,
  orgId: string,
): Promise<Map<string, OwnObjectType>> => {
  const { rows } = await sql<{ integration_id: string; type: OwnObjectType; object_type_id: string }>`
    select integration_id, type, object_type_id from customers.portal_objects where org_id = ${orgId}::uuid`.execute(
    tx,
  )
  return new Map(rows.map((row) => [`${row.integration_id}/${row.object_type_id}`, row.type]))
}

/** Which of our own kinds of records portals have, as `connection/kind`: one statement. */
export const roomsOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Set<string>> => {
  const { rows } = await sql<{ integration_id: string; type: OwnObjectType }>`
    select integration_id, type from customers.portal_objects
    where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[])`.execute(tx)
  return new Set(rows.map((row) => `${row.integration_id}/${row.type}`))
}

/** The connections whose first writes somebody has approved: one statement. */
export const approvedPushes = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Set<string>> => {
  const { rows } = await sql<{ connection_id: string }>`
    select connection_id from sync.push_approvals
    where org_id = ${orgId}::uuid and connection_id = any(${integrationIds}::uuid[])`.execute(tx)
  return new Set(rows.map((row) => row.connection_id))
}
