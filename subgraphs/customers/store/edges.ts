import { sql } from 'kysely'
import type { RecordPlace } from './records.ts'
import type { Transaction } from './transaction.ts'

/** The complete links of one record to one other type. */
export interface EdgeSet {
  from: string
  toType: string
  links: readonly { id: string; primary: boolean }[]
}

/**
 * Makes the links of records what they are said to be: those no longer there are removed. At most two statements.
 * @param isNew nothing can be there yet, so nothing is removed
 */
export const replaceEdges = async (
  tx: Transaction,
  { orgId, integrationId, type }: RecordPlace,
  sets: readonly EdgeSet[],
  isNew: boolean,
): Promise<void> => {
  if (sets.length === 0) return
  const rows = sets.flatMap(({ from, toType, links }) =>
    links.map((link) => ({ from_id: from, to_type: toType, to_id: link.id, is_primary: link.primary })),
  )
  if (!isNew)
    await sql`
      delete from customers.edges e
      using json_to_recordset(${JSON.stringify(sets.map((set) => ({ from_id: set.from, to_type: set.toType })))}::json)
        as s(from_id text, to_type text)
      where e.org_id = ${orgId}::uuid and e.integration_id = ${integrationId}::uuid and e.from_type = ${type}
        and e.from_id = s.from_id and e.to_type = s.to_type
        and not exists (
          select from json_to_recordset(${JSON.stringify(rows)}::json) as r(from_id text, to_type text, to_id text)
          where r.from_id = e.from_id and r.to_type = e.to_type and r.to_id = e.to_id)`.execute(tx)
  if (rows.length === 0) return
  await sql`
    insert into customers.edges (org_id, integration_id, from_type, from_id, to_type, to_id, is_primary)
    select ${orgId}::uuid, ${integrationId}::uuid, ${type}, r.from_id, r.to_type, r.to_id, r.is_primary
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(from_id text, to_type text, to_id text, is_primary boolean)
    on conflict (org_id, integration_id, from_type, from_id, to_type, to_id)
      do update set is_primary = excluded.is_primary where edges.is_primary <> excluded.is_primary`.execute(
    tx,
  )
}

/** Lets the links to records that were merged away lead to the records that took their place. Two statements. */
export const redirectEdges = async (
  tx: Transaction,
  { orgId, integrationId, type }: RecordPlace,
  merged: readonly { from: string; to: string }[],
): Promise<void> => {
  if (merged.length === 0) return
  const list = JSON.stringify(merged)
  await sql`
    insert into customers.edges (org_id, integration_id, from_type, from_id, to_type, to_id, is_primary)
    select distinct on (e.from_type, e.from_id, m."to") e.org_id, e.integration_id, e.from_type, e.from_id, e.to_type, m."to", e.is_primary
    from customers.edges e join json_to_recordset(${list}::json) as m("from" text, "to" text) on e.to_id = m."from"
    where e.org_id = ${orgId}::uuid and e.integration_id = ${integrationId}::uuid and e.to_type = ${type}
    order by e.from_type, e.from_id, m."to", e.is_primary desc
    on conflict do nothing`.execute(tx)
  await sql`
    delete from customers.edges e using json_to_recordset(${list}::json) as m("from" text, "to" text)
    where e.org_id = ${orgId}::uuid and e.integration_id = ${integrationId}::uuid
      and ((e.to_type = ${type} and e.to_id = m."from") or (e.from_type = ${type} and e.from_id = m."from"))`.execute(
    tx,
  )
}

/** Who the companies of a portal are, by the portal's ids: one statement. Companies that are not here yet are absent. */
export const companiesByRecord = async (
  tx: Transaction,
  { orgId, integrationId }: Pick<RecordPlace, 'orgId' | 'integrationId'>,
  externalIds: readonly string[],
): Promise<Map<string, { id: string; customerId: string }>> => {
  if (externalIds.length === 0) return new Map()
  const rows = await tx
    .selectFrom('customers.companies')
    .select(['external_id', 'id', 'customer_id'])
    .where('org_id', '=', orgId)
    .where('integration_id', '=', integrationId)
    .where('external_id', '=', sql<string>`any(${externalIds}::text[])`)
    .execute()
  return new Map(rows.map((row) => [row.external_id, { id: row.id, customerId: row.customer_id }]))
}
