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

/** Which of these records there are, and which of them have gone: one statement. */
export const ownRecordStates = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, 'HERE' | 'GONE'>> => {
  const { rows } = await sql<{ id: string; is_gone: boolean }>`
    select id, gone_at is not null as is_gone from customers.own_records
    where org_id = ${orgId}::uuid and id = any(${ids}::uuid[])`.execute(tx)
  return new Map(rows.map((row) => [row.id, row.is_gone ? 'GONE' : 'HERE']))
}

/** How many records of a portal there are here, and how many of them HubSpot does not have as they are: one statement. */
export const ownRecordCounts = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<OwnRecordCount[]> => {
  const { rows } = await sql<OwnRecordCount>`
    select r.integration_id, r.type, count(*)::int as records, count(o.local_id)::int as waiting
    from customers.own_records r
    left join sync.outgoing o on o.org_id = r.org_id and o.connection_id = r.integration_id and o.type = r.type and o.local_id = r.id
    where r.org_id = ${orgId}::uuid and r.integration_id = any(${integrationIds}::uuid[]) and r.gone_at is null
    group by r.integration_id, r.type`.execute(tx)
  return rows
}

export interface OwnRecordCount {
  integration_id: string
  type: OwnObjectType
  records: number
  waiting: number
}

/** The ids that a portal has given to records: one statement. */
export const ownRecordIds = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
): Promise<{ type: OwnObjectType; external_id: string }[]> => {
  const { rows } = await sql<{ type: OwnObjectType; external_id: string }>`
    select l.type, l.external_id from customers.own_records r
    join sync.links l on l.org_id = r.org_id and l.connection_id = r.integration_id and l.type = r.type and l.local_id = r.id
    where r.org_id = ${orgId}::uuid and r.integration_id = ${integrationId}::uuid and r.gone_at is null
      and l.gone_reason is null and l.external_id not like 'new:%'`.execute(tx)
  return rows
}
