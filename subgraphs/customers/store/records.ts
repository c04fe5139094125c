import { type RawBuilder, sql } from 'kysely'
import { MappingMoved } from '../domain/errors.ts'
import type { RecordType } from '../domain/kinds.ts'
import type { CatalogPlace } from './catalog.ts'
import type { Transaction } from './transaction.ts'

type SqlType = 'text' | 'numeric' | 'integer' | 'bigint' | 'boolean' | 'timestamptz' | 'uuid'

/** The records that a task or a note is about: the first of each type. */
const ABOUT = {
  company_external_id: 'text',
  contact_external_id: 'text',
  deal_external_id: 'text',
  ticket_external_id: 'text',
} as const

/** The columns that differ from kind to kind, with their SQL types. The tables are named as HubSpot names the kinds. */
const COLUMNS: Record<RecordType, Record<string, SqlType>> = {
  companies: {
    name: 'text',
    normal_name: 'text',
    domain: 'text',
    match_domain: 'text',
    industry: 'text',
    lifecycle_stage: 'text',
    owner_id: 'uuid',
    kind: 'text',
    last_activity_at: 'timestamptz',
  },
  contacts: {
    email: 'text',
    first_name: 'text',
    last_name: 'text',
    phone: 'text',
    job_title: 'text',
    owner_id: 'uuid',
    engagement_rank: 'bigint',
    warp_user_id: 'text',
    warp_role: 'text',
    warp_two_factor: 'boolean',
    warp_last_login: 'timestamptz',
    warp_api_key_count: 'integer',
    warp_last_api_call: 'timestamptz',
    company_external_id: 'text',
  },
  deals: {
    name: 'text',
    amount: 'numeric',
    currency: 'text',
    pipeline: 'text',
    stage: 'text',
    is_open: 'boolean',
    is_won: 'boolean',
    close_date: 'timestamptz',
    contract_end: 'timestamptz',
    owner_id: 'uuid',
    company_external_id: 'text',
  },
  tickets: {
    subject: 'text',
    pipeline: 'text',
    stage: 'text',
    is_open: 'boolean',
    priority: 'text',
    closed_at: 'timestamptz',
    category: 'text',
    subcategory: 'text',
    owner_id: 'uuid',
    issue_type: 'text',
    severity: 'text',
    trunk_id: 'text',
    call_id: 'text',
    sla_breach_at: 'timestamptz',
    technical_details: 'text',
    company_external_id: 'text',
  },
  tasks: {
    subject: 'text',
    body: 'text',
    status: 'text',
    priority: 'text',
    task_type: 'text',
    is_open: 'boolean',
    due_at: 'timestamptz',
    owner_id: 'uuid',
    ...ABOUT,
  },
  notes: { body: 'text', noted_at: 'timestamptz', owner_id: 'uuid', ...ABOUT },
}

/** The column that says which record of a type one of another type is mainly about, where that is kept. */
export const mainColumn = (type: RecordType, of: string): string | undefined =>
  Object.keys(COLUMNS[type]).find((column) => column === MAIN_COLUMNS[of])

const MAIN_COLUMNS: Readonly<Record<string, keyof typeof ABOUT>> = {
  companies: 'company_external_id',
  contacts: 'contact_external_id',
  deals: 'deal_external_id',
  tickets: 'ticket_external_id',
}

// A deal's last move is known from what it was when it is written over.
const MOVED: Partial<Record<RecordType, RawBuilder<unknown>>> = {
  deals: sql`,
    previous_stage = case when t.stage <> excluded.stage then t.stage else t.previous_stage end,
    stage_changed_at = case when t.stage <> excluded.stage then coalesce(excluded.modified_at, excluded.valid_from)
      else t.stage_changed_at end`,
}

/** A record as it is to be written: the columns of every kind, and those of its own. */
export interface RecordRow {
  id: string
  external_id: string
  properties: unknown
  source_created_at: Date | null
  modified_at: Date | null
  /** Companies only: the customer a new company begins with. */
  customer_id?: string
  [column: string]: unknown
}

export interface RecordPlace {
  orgId: string
  integrationId: string
  type: RecordType
}

const tableOf = (type: RecordType) => sql.table(`customers.${type}`)
const names = (columns: readonly string[]) => sql.join(columns.map((column) => sql.ref(column)))

/** Keeps what records say now as their former versions: one statement. */
export const keepVersions = async (
  tx: Transaction,
  { orgId, type }: RecordPlace,
  ids: readonly string[],
  at: Date,
): Promise<void> => {
  if (ids.length === 0) return
  await sql`
    insert into customers.versions (org_id, type, record_id, valid_from, valid_to, properties)
    select org_id, ${type}, id, valid_from, ${at}::timestamptz, properties from ${tableOf(type)}
    where org_id = ${orgId}::uuid and id = any(${ids}::uuid[])`.execute(tx)
}

/**
 * Writes records, new and known, and brings gone ones back: one statement. A company that is known keeps its customer.
 * @param mappedBy the version of the mapping that the rows were made by
 * @throws HUB_MAPPING_MOVED when there is a newer one: whoever saves a mapping waits for the rows that are being written
 * @returns the customer of each company by the company's id; empty for other kinds
 */
export const writeRecords = async (
  tx: Transaction,
  { orgId, integrationId, type }: RecordPlace,
  rows: readonly RecordRow[],
  at: Date,
  mappedBy?: number,
): Promise<Map<string, string>> => {
  if (rows.length === 0) return new Map()
  const own = Object.keys(COLUMNS[type])
  const isCompany = type === 'companies'
  const once = ['id', ...(isCompany ? ['customer_id'] : [])]
  const shape = sql.raw(
    Object.entries(COLUMNS[type])
      .map(([column, kind]) => `${column} ${kind}`)
      .join(', '),
  )
  const given = [...own, 'external_id', 'properties', 'source_created_at', 'modified_at']
  const { rows: written, numAffectedRows } = await sql<{ id: string; customer_id: string }>`
    insert into ${tableOf(type)} as t (org_id, integration_id, valid_from, ${names([...once, ...given])})
    select ${orgId}::uuid, ${integrationId}::uuid, ${at}::timestamptz, ${names([...once, ...given])}
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(id uuid, customer_id uuid, external_id text, properties jsonb,
      source_created_at timestamptz, modified_at timestamptz, ${shape})
    ${mappedBy === undefined ? sql`` : stillMapped({ orgId, integrationId, type }, mappedBy)}
    on conflict (id) do update set gone_at = null, merged_into = null, valid_from = excluded.valid_from,
      version = t.version + (t.properties is distinct from excluded.properties)::integer,
      ${sql.join(given.map((column) => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`))} ${MOVED[type] ?? sql``}
    ${isCompany ? sql`returning id, customer_id` : sql``}`.execute(tx)
  if (numAffectedRows === 0n) throw MappingMoved.with()
  return new Map(written.map((row) => [row.id, row.customer_id]))
}

const stillMapped = ({ orgId, integrationId, type }: RecordPlace, version: number) => sql`
    where ${version} = coalesce((select m.version from customers.field_mappings m where m.org_id = ${orgId}::uuid
      and m.integration_id = ${integrationId}::uuid and m.type = ${type} for key share), 1)`

/** What the hub holds of records: everything the source said, links included. */
export const propertiesOf = async (
  tx: Transaction,
  type: RecordType,
  ids: readonly string[],
): Promise<Map<string, unknown>> => {
  const { rows } = await sql<{ id: string; properties: unknown }>`
    select id, properties from ${tableOf(type)} where id = any(${ids}::uuid[])`.execute(tx)
  return new Map(rows.map((row) => [row.id, row.properties]))
}

/** A record that went, with what it last said. */
export interface GoneRow {
  id: string
  external_id: string
  customer_id: string | null
  match_domain: string | null
  company_external_id: string | null
  properties: Record<string, unknown>
  source_created_at: Date | null
  modified_at: Date | null
}

/** Marks records as gone, with the record that took their place where one did: one statement. They keep what they said. */
export const markGone = async (
  tx: Transaction,
  { orgId, type }: RecordPlace,
  gone: readonly { id: string; mergedInto: string | null }[],
  at: Date,
): Promise<GoneRow[]> => {
  if (gone.length === 0) return []
  const { rows } = await sql<GoneRow>`
    update ${tableOf(type)} t set gone_at = ${at}::timestamptz, merged_into = r.merged_into
    from json_to_recordset(${JSON.stringify(gone.map((each) => ({ id: each.id, merged_into: each.mergedInto })))}::json)
      as r(id uuid, merged_into uuid)
    where t.id = r.id and t.org_id = ${orgId}::uuid
    returning t.id, t.external_id, t.properties, t.source_created_at, t.modified_at,
      ${type === 'companies' ? sql`t.customer_id, t.match_domain, null as company_external_id` : sql`null as customer_id, null as match_domain, t.company_external_id`}`.execute(
    tx,
  )
  return rows
}

/** Gives records the ids that the portal has for them, by those they were known by: one statement. Nothing else of them changes. */
export const renameRecords = async (
  tx: Transaction,
  { orgId, integrationId, type }: CatalogPlace & { type: RecordType | 'own_records' },
  named: readonly { placeholder: string; externalId: string }[],
): Promise<void> => {
  await sql`
    update ${sql.table(`customers.${type}`)} t set external_id = r."externalId"
    from json_to_recordset(${JSON.stringify(named)}::json) as r(placeholder text, "externalId" text)
    where t.org_id = ${orgId}::uuid and t.integration_id = ${integrationId}::uuid and t.external_id = r.placeholder`.execute(
    tx,
  )
}

/** A live record with the columns that are derived from what its portal said. */
export interface DerivedRow {
  id: string
  external_id: string
  customer_id: string | null
  company_external_id: string | null
  properties: Record<string, unknown>
  source_created_at: Date | null
  modified_at: Date | null
  valid_from: Date
  [column: string]: unknown
}

/** Live records of a portal behind an id, by id: one statement. */
export const derivedAfter = async (
  tx: Transaction,
  { orgId, integrationId, type }: RecordPlace,
  after: string,
  limit: number,
): Promise<DerivedRow[]> => {
  const columns = Object.keys(COLUMNS[type]).filter((column) => column !== 'company_external_id')
  const { rows } = await sql<DerivedRow>`
    select id, external_id, properties, source_created_at, modified_at, valid_from,
      ${type === 'companies' ? sql`customer_id, null as company_external_id` : sql`null as customer_id, company_external_id`},
      ${names(columns)}
    from ${tableOf(type)}
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and id > ${after}::uuid and gone_at is null
    order by id limit ${limit}`.execute(tx)
  return rows
}

/** The columns of a kind of record that differ between what is held and what is derived now. */
export const differingColumns = (type: RecordType, held: DerivedRow, derived: RecordRow): string[] =>
  Object.keys(COLUMNS[type]).filter((column) => wordOf(held[column]) !== wordOf(derived[column]))

const wordOf = (value: unknown): string | null =>
  value === null || value === undefined ? null : value instanceof Date ? value.toISOString() : String(value)

/**
 * Writes the derived columns of records and nothing else: what their portal said has not changed. Records that were written
 * since they were read are passed over: whoever wrote them did so by the newest mapping. One statement.
 * @returns the ids of those that were written
 */
export const reviseRecords = async (
  tx: Transaction,
  { orgId, type }: RecordPlace,
  rows: readonly (RecordRow & { valid_from: Date })[],
): Promise<Set<string>> => {
  if (rows.length === 0) return new Set()
  const columns = Object.keys(COLUMNS[type])
  const shape = sql.raw(
    Object.entries(COLUMNS[type])
      .map(([column, kind]) => `${column} ${kind}`)
      .join(', '),
  )
  const derived = rows.map((row) =>
    Object.fromEntries(['id', 'valid_from', ...columns].map((column) => [column, row[column]])),
  )
  const { rows: written } = await sql<{ id: string }>`
    update ${tableOf(type)} t set ${sql.join(columns.map((column) => sql`${sql.ref(column)} = r.${sql.ref(column)}`))}
    from json_to_recordset(${JSON.stringify(derived)}::json) as r(id uuid, valid_from timestamptz, ${shape})
    where t.id = r.id and t.org_id = ${orgId}::uuid and t.valid_from = r.valid_from returning t.id`.execute(
    tx,
  )
  return new Set(written.map((row) => row.id))
}

/** What records said before they were first written over in a span of time: one statement. */
export const formerOf = async (
  tx: Transaction,
  type: RecordType,
  ids: readonly string[],
  { from, until }: { from: Date; until: Date },
): Promise<Map<string, unknown>> => {
  const { rows } = await sql<{ record_id: string; properties: unknown }>`
    select distinct on (record_id) record_id, properties from customers.versions
    where type = ${type} and record_id = any(${ids}::uuid[]) and valid_to between ${from}::timestamptz and ${until}::timestamptz
    order by record_id, valid_to`.execute(tx)
  return new Map(rows.map((row) => [row.record_id, row.properties]))
}
