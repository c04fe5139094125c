import { sql } from 'kysely'
import type { MappedType } from '../domain/hub-fields.ts'
import type { Overrides } from '../domain/mapping.ts'
import type { CatalogPlace } from './catalog.ts'
import type { Transaction } from './transaction.ts'

/** A field that waits until its problem is mended. */
export interface Paused {
  code: string
  property: string | null
  since: string
}

/** The mappings of one kind of record of one portal. */
export interface MappingsRow {
  integration_id: string
  type: MappedType
  version: number
  /** What differs from the hub's own mapping. */
  fields: Overrides
  paused: Record<string, Paused>
  relist: boolean
  updated_at: Date
  /** Null while nobody has changed it. */
  updated_by: string | null
}

/** What somebody made of each kind of record's mapping. */
export const overridesOf = (
  rows: readonly Pick<MappingsRow, 'type' | 'fields'>[],
): Partial<Record<MappedType, Overrides>> => Object.fromEntries(rows.map((row) => [row.type, row.fields]))

/** The mappings of portals, by portal and type: one statement. */
export const mappingsOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<MappingsRow[]> => {
  const { rows } = await sql<MappingsRow>`
    select integration_id, type, version, fields, paused, relist, updated_at, updated_by from customers.field_mappings
    where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[])
    order by integration_id, type`.execute(tx)
  return rows
}

/**
 * The mappings of one portal, until the transaction ends: nobody else changes them, and no record is written by them.
 * Those that are not there yet begin as the hub's own. Two statements.
 */
export const lockMappings = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  types: readonly MappedType[],
  at: Date,
): Promise<MappingsRow[]> => {
  await sql`
    insert into customers.field_mappings (org_id, integration_id, type, updated_at)
    select ${orgId}::uuid, ${integrationId}::uuid, type, ${at}::timestamptz from unnest(${[...types].sort()}::text[]) as type
    on conflict do nothing`.execute(tx)
  const { rows } = await sql<MappingsRow>`
    select integration_id, type, version, fields, paused, relist, updated_at, updated_by from customers.field_mappings
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid order by type for update`.execute(
    tx,
  )
  return rows
}

/** The mapping of a kind of record among those that were found; the hub's own where nobody has made one. */
export const mappingIn = (
  rows: readonly MappingsRow[],
  integrationId: string,
  type: MappedType,
): MappingsRow =>
  rows.find((row) => row.integration_id === integrationId && row.type === type) ?? {
    integration_id: integrationId,
    type,
    version: 1,
    fields: {},
    paused: {},
    relist: false,
    updated_at: new Date(0),
    updated_by: null,
  }

/** Writes mappings of one portal: one statement. */
export const writeMappings = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  rows: readonly Omit<MappingsRow, 'integration_id' | 'updated_at'>[],
  at: Date,
): Promise<void> => {
  if (rows.length === 0) return
  await sql`
    insert into customers.field_mappings as m (org_id, integration_id, type, version, fields, paused, relist, updated_at, updated_by)
    select ${orgId}::uuid, ${integrationId}::uuid, r.type, r.version, r.fields, r.paused, r.relist, ${at}::timestamptz, r.updated_by
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(type text, version integer, fields jsonb, paused jsonb, relist boolean,
      updated_by text)
    on conflict (org_id, integration_id, type) do update set version = excluded.version, fields = excluded.fields,
      paused = excluded.paused, relist = m.relist or excluded.relist, updated_by = excluded.updated_by,
      relist_run = case when excluded.relist then null else m.relist_run end,
      updated_at = case when excluded.version = m.version then m.updated_at else excluded.updated_at end`.execute(
    tx,
  )
}

/**
 * Lets a run list again the types whose records have to be read anew: without a watermark a type is listed. Types that
 * this run has begun already wait for the next one, and so do those that it does not read. Two statements.
 * @param types those that the run reads
 */
export const takeRelisting = async (
  tx: Transaction,
  { orgId, integrationId }: CatalogPlace,
  types: readonly string[],
  runId: string,
): Promise<void> => {
  const { rows } = await sql<{ type: string }>`
    update customers.field_mappings m set relist_run = ${runId}::uuid
    where m.org_id = ${orgId}::uuid and m.integration_id = ${integrationId}::uuid and m.relist
      and m.type = any(${types}::text[])
      and not exists (select from sync.checkpoints c where c.run_id = ${runId}::uuid and c.type = m.type)
    returning m.type`.execute(tx)
  if (rows.length === 0) return
  await sql`
    delete from sync.watermarks where org_id = ${orgId}::uuid and connection_id = ${integrationId}::uuid
      and type = any(${rows.map((row) => row.type)}::text[])`.execute(tx)
}

/** The run that was to list types again is through: one statement. */
export const endRelisting = async (tx: Transaction, orgId: string, runId: string): Promise<void> => {
  await sql`
    update customers.field_mappings set relist = false, relist_run = null
    where org_id = ${orgId}::uuid and relist_run = ${runId}::uuid`.execute(tx)
}
