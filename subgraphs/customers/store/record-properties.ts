import { sql } from 'kysely'
import type { RecordType } from '../domain/kinds.ts'
import type { Transaction } from './transaction.ts'

/** What a record says under one property of its portal. */
export interface RecordPropertyRow {
  record_id: string
  record_type: RecordType
  name: string
  label: string
  kind: string
  field_type: string
  is_sensitive: boolean
  value: string | null
  archived: boolean
}

/** Properties of one record that are given at once. */
export const MOST_PROPERTIES = 200

/**
 * What records say beyond the hub's own fields, by record: one statement.
 * @param names only these, whether they have a value or not; null: all that the portal's people made and that have one, up to the most
 */
export const recordProperties = async (
  tx: Transaction,
  orgId: string,
  type: RecordType,
  ids: readonly string[],
  names: readonly string[] | null,
): Promise<Map<string, RecordPropertyRow[]>> => {
  const { rows } = await sql<RecordPropertyRow>`
    select t.id as record_id, ${type} as record_type, p.name, p.label, p.kind, p.field_type, p.is_sensitive,
      t.properties ->> p.name as value, p.archived_at is not null as archived
    from ${sql.table(`customers.${type}`)} t
    cross join lateral (
      select * from customers.portal_properties p
      where p.org_id = t.org_id and p.integration_id = t.integration_id and p.type = ${type}
        and ${names ? sql`p.name = any(${names}::text[])` : sql`not p.is_hubspot_defined and t.properties ->> p.name is not null`}
      order by p.name limit ${MOST_PROPERTIES}) p
    where t.org_id = ${orgId}::uuid and t.id = any(${ids}::uuid[]) and t.gone_at is null
    order by t.id, p.name`.execute(tx)
  return Map.groupBy(rows, (row) => row.record_id)
}

/** A record with everything its portal said, to try a mapping on. */
export interface SampleRow {
  id: string
  external_id: string
  properties: Record<string, unknown>
}

/** Records that are looked at to find some that have a value under the properties asked for. */
const LOOKED_AT = 2000

/** Some records of a portal, those that have a value under one of the properties first: one statement. */
export const sampleRecords = async (
  tx: Transaction,
  place: { orgId: string; integrationId: string; type: RecordType },
  names: readonly string[],
  limit: number,
): Promise<SampleRow[]> => {
  const { rows } = await sql<SampleRow>`
    select id, external_id, properties from (
      select id, external_id, properties from ${sql.table(`customers.${place.type}`)}
      where org_id = ${place.orgId}::uuid and integration_id = ${place.integrationId}::uuid and gone_at is null
        and external_id not like 'new:%'
      limit ${LOOKED_AT}) seen
    order by (select count(*) from unnest(${[...names]}::text[]) as name where properties ->> name is not null) desc, id
    limit ${limit}`.execute(tx)
  return rows
}
