import { type RawBuilder, sql } from 'kysely'
import { WORDS_ABOUT } from '../domain/admission.ts'
import type { AboutRecord, Held } from './personal-data.ts'
import type { Transaction } from './transaction.ts'

const DELIVERIES = 'customers.webhook_deliveries'

/** The records of each connection that are nobody's but the person's, as a table of ids. */
const goneOf = (about: readonly AboutRecord[]): RawBuilder<unknown> => {
  const own = about.filter(({ type }) => type === 'contacts' || WORDS_ABOUT.has(type))
  return sql`(select connection, array_agg(distinct record) as ids from json_to_recordset(${JSON.stringify(own)}::json)
    as p(connection uuid, record text) group by connection) gone`
}

/** Whether an id of these stands anywhere within a value. */
const names = (value: RawBuilder<unknown>): RawBuilder<boolean> => sql`
  exists (select from jsonb_path_query(${value}, '$.**') said where jsonb_typeof(said) in ('string', 'number') and said #>> '{}' = any(gone.ids))`

/** What webhooks told of the person's records: ids, times and names of properties. */
export const deliveriesAbout = async (
  tx: Transaction,
  orgId: string,
  about: readonly AboutRecord[],
): Promise<Record<string, unknown>[]> => {
  const { rows } = await sql<Record<string, unknown>>`
    select t.received_at, e.event from ${sql.table(DELIVERIES)} t
      join ${goneOf(about)} on gone.connection = t.integration_id
      cross join jsonb_array_elements(t.events) as e(event)
    where t.org_id = ${orgId}::uuid and ${names(sql`e.event`)} order by t.received_at, t.id`.execute(tx)
  return rows
}

/**
 * Takes what webhooks told of the person's records out of the list of webhooks, so that not even a replay asks for them. What
 * they told of others stays, but the sealed words go, of which nobody knows whose they are.
 */
export const cutDeliveries = async (
  tx: Transaction,
  orgId: string,
  about: readonly AboutRecord[],
): Promise<Held[]> => {
  const { numAffectedRows = 0n } = await sql`
    update ${sql.table(DELIVERIES)} t set raw_sealed = null,
      events = (select coalesce(jsonb_agg(e.event order by e.n), '[]') from jsonb_array_elements(t.events) with ordinality as e(event, n)
        where not ${names(sql`e.event`)}),
      records = (select coalesce(jsonb_agg(r.record order by r.n), '[]') from jsonb_array_elements(t.records) with ordinality as r(record, n)
        where not (r.record ->> 0 <> all(${KEPT_KINDS}::text[]) and r.record ->> 1 = any(gone.ids)))
    from ${goneOf(about)}
    where t.org_id = ${orgId}::uuid and gone.connection = t.integration_id and (${names(sql`t.events`)} or ${names(sql`t.records`)})`.execute(
    tx,
  )
  return numAffectedRows > 0n ? [{ store: DELIVERIES, rows: Number(numAffectedRows) }] : []
}

// Two records of different kinds may have one id, and what was told of a company has to be read still.
const KEPT_KINDS = ['companies', 'deals', 'tickets']
