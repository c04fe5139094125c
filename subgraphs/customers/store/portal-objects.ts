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
