import { type RawBuilder, sql } from 'kysely'
import { type ExternalId, HUBSPOT, type OutsideType } from '../domain/external-ids.ts'
import type { RecordPlace } from './records.ts'
import type { Transaction } from './transaction.ts'

/** Where an id is looked for. */
export interface Place {
  orgId: string
  type: OutsideType
  /** The connection; null looks in all. */
  integrationId: string | null
}

/** Where a record with this id begins, before it is followed to the one that took its place. */
const beginning = (
  { orgId, type, integrationId }: Place,
  { system, value }: ExternalId,
): RawBuilder<unknown> => {
  const records = sql.table(`customers.${type}`)
  return system === HUBSPOT
    ? sql`select r.id, r.merged_into, 0 as depth from ${records} r where r.org_id = ${orgId}::uuid and r.external_id = ${value}
        and r.integration_id in (select i.id from customers.integrations i where i.org_id = ${orgId}::uuid
          and (${integrationId}::uuid is null or i.id = ${integrationId}::uuid))`
    : sql`select r.id, r.merged_into, 0 as depth from customers.external_ids x
        join ${records} r on r.org_id = x.org_id and r.id = x.record_id
        where x.org_id = ${orgId}::uuid and x.type = ${type} and x.system = ${system} and x.value = ${value}
        and x.integration_id in (select i.id from customers.integrations i where i.org_id = ${orgId}::uuid
          and (${integrationId}::uuid is null or i.id = ${integrationId}::uuid))`
}

/**
 * The records that are known by an id, by id and at most two, since several connections may have it: one statement. One that was
 * merged away is the one that took its place; gone ones are absent.
 */
export const recordsKnownBy = async (tx: Transaction, place: Place, id: ExternalId): Promise<string[]> => {
  const records = sql.table(`customers.${place.type}`)
  const { rows } = await sql<{ id: string }>`
    with recursive chain as (
      ${beginning(place, id)}
      union all
      select r.id, r.merged_into, chain.depth + 1 from chain join ${records} r on r.id = chain.merged_into
      where r.org_id = ${place.orgId}::uuid and chain.depth < 20
    )
    select distinct t.id from chain join ${records} t on t.id = chain.id
    where chain.merged_into is null and t.org_id = ${place.orgId}::uuid and t.gone_at is null order by t.id limit 2`.execute(
    tx,
  )
  return rows.map((row) => row.id)
}

/** The ids that programs gave records, by our id of the record: one statement. */
export const externalIdsOf = async (
  tx: Transaction,
  orgId: string,
  recordIds: readonly string[],
): Promise<Map<string, ExternalId[]>> => {
  const { rows } = await sql<ExternalId & { record_id: string }>`
    select record_id, system, value from customers.external_ids
    where org_id = ${orgId}::uuid and record_id = any(${recordIds}::uuid[]) order by record_id, system`.execute(
    tx,
  )
  return Map.groupBy(rows, (row) => row.record_id)
}

/** Notes by which id a program knows a record; the record that had the id before has it no more. One statement. */
export const giveExternalId = async (
  tx: Transaction,
  { orgId, integrationId, type }: RecordPlace,
  { system, value }: ExternalId,
  recordId: string,
  at: Date,
): Promise<void> => {
  await sql`
    insert into customers.external_ids (org_id, integration_id, type, system, value, record_id, given_at)
    values (${orgId}::uuid, ${integrationId}::uuid, ${type}, ${system}, ${value}, ${recordId}::uuid, ${at}::timestamptz)
    on conflict (org_id, integration_id, type, system, value) do update set record_id = excluded.record_id, given_at = excluded.given_at`.execute(
    tx,
  )
}
