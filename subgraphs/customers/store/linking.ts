import { sql } from 'kysely'
import { mainColumn, type RecordPlace } from './records.ts'
import type { Transaction } from './transaction.ts'

/** A record that names others. */
export interface LinkingRow {
  id: string
  properties: Record<string, unknown>
}

/** Records of a kind that are linked to records of another, named by the portal's ids: one statement. */
export const linkingTo = async (
  tx: Transaction,
  { orgId, integrationId, type }: RecordPlace,
  to: string,
  externalIds: readonly string[],
): Promise<LinkingRow[]> => {
  const { rows } = await sql<LinkingRow>`
    select distinct on (t.id) t.id, t.properties from customers.edges e
    join ${sql.table(`customers.${type}`)} t on t.org_id = e.org_id and t.integration_id = e.integration_id and t.external_id = e.from_id
    where e.org_id = ${orgId}::uuid and e.integration_id = ${integrationId}::uuid and e.from_type = ${type} and e.to_type = ${to}
      and e.to_id = any(${externalIds}::text[])`.execute(tx)
  return rows
}

/** Writes what records say now of their links, and the record that each is mainly about: one statement. */
export const relinkRecords = async (
  tx: Transaction,
  { orgId, type }: RecordPlace,
  to: string,
  rows: readonly { id: string; properties: Record<string, unknown>; names: readonly [string, string][] }[],
): Promise<void> => {
  if (rows.length === 0) return
  const list = rows.map(({ id, properties, names }) => ({ id, properties, names: Object.fromEntries(names) }))
  const main = mainColumn(type, to)
  const column = main && sql.ref(main)
  await sql`
    update ${sql.table(`customers.${type}`)} t set properties = r.properties
      ${column ? sql`, ${column} = coalesce(r.names ->> t.${column}, t.${column})` : sql``}
    from json_to_recordset(${JSON.stringify(list)}::json) as r(id uuid, properties jsonb, names jsonb)
    where t.id = r.id and t.org_id = ${orgId}::uuid`.execute(tx)
}
