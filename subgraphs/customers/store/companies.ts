import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A HubSpot company's record, as far as the graph asks for it. */
export interface CompanyRow {
  id: string
  integration_id: string
  external_id: string
  version: number
  customer_id: string
  properties: Record<string, string | null>
  currency: string | null
  /** When the hub last agreed with HubSpot about it. */
  last_synced_at: Date | null
  /** The version of its portal's mapping; null while that is the hub's own. */
  mapping_version: number | null
}

/** Companies by id: one statement. */
export const companiesById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, CompanyRow>> => {
  const { rows } = await sql<CompanyRow>`
    select co.id, co.integration_id, co.external_id, co.version, co.customer_id, co.properties, n.currency, l.last_synced_at,
      m.version as mapping_version
    from customers.companies co
    left join customers.integrations n on n.id = co.integration_id
    left join sync.links l on l.org_id = co.org_id and l.connection_id = co.integration_id and l.type = 'companies'
      and l.external_id = co.external_id
    left join customers.field_mappings m on m.org_id = co.org_id and m.integration_id = co.integration_id and m.type = 'companies'
      and m.fields <> '{}'
    where co.org_id = ${orgId}::uuid and co.id = any(${ids}::uuid[]) and co.gone_at is null`.execute(tx)
  return new Map(rows.map((row) => [row.id, row]))
}

/** A company's record in a list of all of them. */
export interface CompanyRecordRow {
  id: string
  integration_id: string
  external_id: string
  customer_id: string
  name: string
  domain: string | null
  industry: string | null
  lifecycle_stage: string | null
  valid_from: Date
}

const RECORD = sql`id, integration_id, external_id, customer_id, name, domain, industry, lifecycle_stage, valid_from`

/** Companies' records by id: one statement. Gone ones are absent. */
export const companyRecordsById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, CompanyRecordRow>> => {
  const { rows } = await sql<CompanyRecordRow>`
    select ${RECORD} from customers.companies
    where org_id = ${orgId}::uuid and id = any(${ids}::uuid[]) and gone_at is null`.execute(tx)
  return new Map(rows.map((row) => [row.id, row]))
}

/** A page of all companies by id, those behind `after`: one statement. */
export const companiesAfter = async (
  tx: Transaction,
  orgId: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<CompanyRecordRow[]> => {
  const { rows } = await sql<CompanyRecordRow>`
    select ${RECORD} from customers.companies
    where org_id = ${orgId}::uuid and gone_at is null and (${after}::uuid is null or id > ${after}::uuid)
    order by id limit ${limit}`.execute(tx)
  return rows
}

/** The customers of records' main companies, by `integration/company's record`: one statement. */
export const customersOfCompanies = async (
  tx: Transaction,
  orgId: string,
  keys: readonly string[],
): Promise<Map<string, string>> => {
  const asked = keys.map((key) => ({ integration: key.slice(0, 36), record: key.slice(37) }))
  const { rows } = await sql<{ integration_id: string; external_id: string; customer_id: string }>`
    select co.integration_id, co.external_id, co.customer_id
    from json_to_recordset(${JSON.stringify(asked)}::json) as k(integration uuid, record text)
    join customers.companies co on co.org_id = ${orgId}::uuid and co.integration_id = k.integration and co.external_id = k.record
    where co.gone_at is null`.execute(tx)
  return new Map(rows.map((row) => [`${row.integration_id}/${row.external_id}`, row.customer_id]))
}

/** A company that a customer is in a portal. */
export interface CompanyOfCustomer {
  id: string
  integration_id: string
  external_id: string
  customer_id: string
}

/** The companies that customers are in portals, one statement: all of them, or those of one portal. */
export const companiesOfCustomers = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
  integrationId: string | null,
): Promise<CompanyOfCustomer[]> => {
  const { rows } = await sql<CompanyOfCustomer>`
    select id, integration_id, external_id, customer_id from customers.companies
    where org_id = ${orgId}::uuid and customer_id = any(${customerIds}::uuid[]) and gone_at is null
      and (${integrationId}::uuid is null or integration_id = ${integrationId}::uuid)
    order by integration_id, id`.execute(tx)
  return rows
}

/** Which of these properties companies say nothing in, by company: one statement. */
export const blankProperties = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
  names: readonly string[],
): Promise<Map<string, Set<string>>> => {
  const { rows } = await sql<{ id: string; blank: string[] }>`
    select id, array(select n from unnest(${names}::text[]) n where coalesce(properties ->> n, '') = '') as blank
    from customers.companies where org_id = ${orgId}::uuid and id = any(${ids}::uuid[])`.execute(tx)
  return new Map(rows.map(({ id, blank }) => [id, new Set(blank)]))
}
