import { type RawBuilder, sql } from 'kysely'
import type { Vault } from '#kernel/vault.ts'
import { WORDS_ABOUT } from '../domain/admission.ts'
import { type Identifier, withoutMentions } from '../domain/person.ts'
import { deliveryTablesHere } from './deliveries.ts'
import type { Person } from './people.ts'
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

const AT_ONCE = 500

/** Lets the sealed words of webhooks about others go that mention the person, or that nobody can open any more. */
export const cutSealedWords = async (
  tx: Transaction,
  orgId: string,
  person: Pick<Person, 'emails' | 'phones'>,
  vault: Vault,
): Promise<Held[]> => {
  if (person.emails.length + person.phones.length === 0) return []
  const named = new Set([
    ...person.emails.map((value) => `email:${value}`),
    ...person.phones.map((value) => `phone:${value}`),
  ])
  const isNamed = ({ kind, value }: Identifier) => named.has(`${kind}:${value}`)
  const opened = (row: { id: string; raw_sealed: string }): string | null => {
    try {
      return vault.open(row.raw_sealed, deliveryTablesHere.placeOf(orgId, row.id))
    } catch {
      return null
    }
  }
  const gone: string[] = []
  for (let after: string | null = null, more = true; more; ) {
    const { rows } = await sql<{ id: string; raw_sealed: string }>`
      select id, raw_sealed from customers.webhook_deliveries
      where org_id = ${orgId}::uuid and raw_sealed is not null ${after ? sql`and id > ${after}::uuid` : sql``}
      order by id limit ${AT_ONCE}`.execute(tx)
    for (const row of rows) {
      const words = opened(row)
      if (words === null || withoutMentions(words, isNamed) !== words) gone.push(row.id)
    }
    after = rows.at(-1)?.id ?? null
    more = rows.length === AT_ONCE
  }
  if (gone.length === 0) return []
  await sql`update ${sql.table(DELIVERIES)} set raw_sealed = null where org_id = ${orgId}::uuid and id = any(${gone}::uuid[])`.execute(
    tx,
  )
  return [{ store: DELIVERIES, rows: gone.length }]
}

// Two records of different kinds may have one id, and what was told of a company has to be read still.
const KEPT_KINDS = ['companies', 'deals', 'tickets']
