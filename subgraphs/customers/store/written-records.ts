import { sql } from 'kysely'
import { namedKey } from '../domain/judging-record.ts'
import type { RecordType } from '../domain/kinds.ts'
import type { RecordPlace } from './records.ts'
import type { Transaction } from './transaction.ts'

/** A record as it stands, for somebody who is about to change it. */
export interface StandingRow {
  id: string
  integration_id: string
  external_id: string
  version: number
  /** It is gone; when it was merged away, into this one. */
  gone_at: Date | null
  merged_into: string | null
  properties: Record<string, unknown>
  /** Companies only. */
  customer_id: string | null
}

/** Records by id, gone ones too: one statement. */
export const standingRecords = async (
  tx: Transaction,
  orgId: string,
  type: RecordType,
  ids: readonly string[],
): Promise<Map<string, StandingRow>> => {
  const { rows } = await sql<StandingRow>`
    select id, integration_id, external_id, version, gone_at, merged_into, properties,
      ${type === 'companies' ? sql`customer_id` : sql`null::uuid as customer_id`}
    from ${sql.table(`customers.${type}`)} where org_id = ${orgId}::uuid and id = any(${ids}::uuid[])`.execute(
    tx,
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** The people of a portal who are here already, by address: one statement. */
export const contactsByEmail = async (
  tx: Transaction,
  { orgId, integrationId }: Pick<RecordPlace, 'orgId' | 'integrationId'>,
  emails: readonly string[],
): Promise<Map<string, string>> => {
  if (emails.length === 0) return new Map()
  const { rows } = await sql<{ email: string; id: string }>`
    select lower(email) as email, id from customers.contacts
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and lower(email) = any(${emails}::text[])
      and email is not null and gone_at is null order by id desc`.execute(tx)
  return new Map(rows.map((row) => [row.email, row.id]))
}

/** What a portal calls colleagues, by our ids: one statement. Those who no longer work there are absent. */
export const namedOwners = async (
  tx: Transaction,
  { orgId, integrationId }: Pick<RecordPlace, 'orgId' | 'integrationId'>,
  ids: readonly string[],
): Promise<Map<string, string>> => {
  if (ids.length === 0) return new Map()
  const { rows } = await sql<{ id: string; external_id: string }>`
    select id, external_id from customers.owners
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and id = any(${ids}::uuid[]) and is_active`.execute(
    tx,
  )
  return new Map(rows.map((row) => [row.id, row.external_id]))
}

/**
 * What a portal calls records, by kind and our ids; a customer is the company that it is there, the leading one first. One statement for
 * each kind that is asked for.
 */
export const namedRecords = async (
  tx: Transaction,
  { orgId, integrationId }: Pick<RecordPlace, 'orgId' | 'integrationId'>,
  asked: ReadonlyMap<RecordType, readonly string[]>,
): Promise<Map<string, string>> => {
  const found = new Map<string, string>()
  for (const [type, ids] of asked) {
    const { rows } = await sql<{ id: string; external_id: string }>`
      ${
        type === 'companies'
          ? sql`select distinct on (t.customer_id) t.customer_id as id, t.external_id from customers.companies t
              join customers.customers c on c.id = t.customer_id where t.customer_id = any(${ids}::uuid[])`
          : sql`select t.id, t.external_id from ${sql.table(`customers.${type}`)} t where t.id = any(${ids}::uuid[])`
      } and t.org_id = ${orgId}::uuid and t.integration_id = ${integrationId}::uuid and t.gone_at is null
      ${type === 'companies' ? sql`order by t.customer_id, (t.id = c.lead_company_id) desc, t.id` : sql``}`.execute(
      tx,
    )
    for (const row of rows) found.set(namedKey(type, row.id), row.external_id)
  }
  return found
}

/** The customer whose company of a portal speaks for a web domain, the one that leads there first; null when none does. */
export const customerByDomain = async (
  tx: Transaction,
  { orgId, integrationId }: Pick<RecordPlace, 'orgId' | 'integrationId'>,
  domain: string,
): Promise<string | null> => {
  const { rows } = await sql<{ customer_id: string }>`
    select t.customer_id from customers.companies t join customers.customers c on c.id = t.customer_id and c.lead_company_id = t.id
    where t.org_id = ${orgId}::uuid and t.integration_id = ${integrationId}::uuid and t.match_domain = ${domain} and t.gone_at is null
    order by t.id limit 1`.execute(tx)
  return rows[0]?.customer_id ?? null
}
