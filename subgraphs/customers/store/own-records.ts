import { sql } from 'kysely'
import type { OwnObjectType } from '../domain/own-objects.ts'
import type { CatalogPlace } from './catalog.ts'
import type { Transaction } from './transaction.ts'

/** A record of a kind of our own, as a portal is to have it. */
export interface OwnRecordRow {
  id: string
  external_id: string
  properties: Readonly<Record<string, unknown>>
  /** Placeholders of records that it is linked to and that have no id in the portal yet. */
  waits_for: readonly string[]
}

/** What records say, by our id: one statement. */
export const ownRecordsOf = async (
  tx: Transaction,
  ids: readonly string[],
): Promise<Map<string, Record<string, unknown>>> => {
  const { rows } = await sql<{ id: string; properties: Record<string, unknown> }>`
    select id, properties from customers.own_records where id = any(${ids}::uuid[])`.execute(tx)
  return new Map(rows.map((row) => [row.id, row.properties]))
}

/** Writes records, new and known: one statement. */
export const writeOwnRecords = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  type: OwnObjectType,
  rows: readonly OwnRecordRow[],
  at: Date,
): Promise<void> => {
  if (rows.length === 0) return
  await sql`
    insert into customers.own_records (org_id, id, integration_id, type, external_id, properties, waits_for, created_at, changed_at)
    select ${orgId}::uuid, r.id, ${integrationId}::uuid, ${type}, r.external_id, r.properties,
      array(select jsonb_array_elements_text(r.waits_for)), ${at}::timestamptz, ${at}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(id uuid, external_id text, properties jsonb, waits_for jsonb)
    on conflict (org_id, id) do update set external_id = excluded.external_id, properties = excluded.properties,
      waits_for = excluded.waits_for, changed_at = excluded.changed_at, gone_at = null`.execute(tx)
}

/** Marks records as gone: one statement. They keep what they said. */
export const markOwnGone = async (
  tx: Transaction,
  { orgId }: CatalogPlace,
  ids: readonly string[],
  at: Date,
): Promise<void> => {
  if (ids.length === 0) return
  await sql`
    update customers.own_records set gone_at = ${at}::timestamptz
    where org_id = ${orgId}::uuid and id = any(${ids}::uuid[]) and gone_at is null`.execute(tx)
}

/** Records that wait for others to get ids in the portal, by the others' placeholders: one statement. */
export const ownRecordsWaitingFor = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  placeholders: readonly string[],
): Promise<(OwnRecordRow & { type: OwnObjectType })[]> => {
  const { rows } = await sql<OwnRecordRow & { type: OwnObjectType }>`
    select type, id, external_id, properties, waits_for from customers.own_records
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and waits_for <> '{}'
      and waits_for && ${placeholders}::text[] and gone_at is null`.execute(tx)
  return rows
}
