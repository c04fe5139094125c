import { type RawBuilder, sql } from 'kysely'
import { KEPT_OF_TICKETS, WORDS_ABOUT } from '../domain/admission.ts'
import { PERSONAL_MAP, type Reach } from '../domain/personal-map.ts'
import type { Person } from './people.ts'
import { deliveriesAbout } from './personal-deliveries.ts'
import type { Transaction } from './transaction.ts'

/** A record that is about a person, under its id at the source and, where it is here, its id here. */
export interface AboutRecord {
  type: string
  connection: string
  record: string
  local: string | null
}

/** How many rows of a table hold something of a person, or what was done with them. */
export interface Held {
  store: string
  rows: number
}

/** The person's own records and what is only words about the person: all that is deleted whole. */
const wholeRecords = (about: readonly AboutRecord[]): AboutRecord[] =>
  about.filter(({ type }) => type === 'contacts' || WORDS_ABOUT.has(type))

/** All records that are about a person: the person's own, and notes, tasks and tickets linked to them. One statement. */
export const recordsAbout = async (
  tx: Transaction,
  orgId: string,
  person: Person,
): Promise<AboutRecord[]> => {
  const types = [...WORDS_ABOUT, 'tickets']
  const { rows } = await sql<AboutRecord>`
    with person as (
      select 'contacts' as type, connection, record from json_to_recordset(${JSON.stringify(person.records)}::json)
        as p(connection uuid, record text)),
    found as (
      select * from person
      union select e.from_type, e.integration_id, e.from_id from customers.edges e
        join person p on e.integration_id = p.connection and e.to_id = p.record
        where e.org_id = ${orgId}::uuid and e.to_type = 'contacts' and e.from_type = any(${types}::text[])
      union select e.to_type, e.integration_id, e.to_id from customers.edges e
        join person p on e.integration_id = p.connection and e.from_id = p.record
        where e.org_id = ${orgId}::uuid and e.from_type = 'contacts' and e.to_type = any(${types}::text[]))
    select f.type, f.connection, f.record, l.local_id as local from found f
    left join sync.links l on l.org_id = ${orgId}::uuid and l.connection_id = f.connection and l.type = f.type and l.external_id = f.record
    union select 'contacts', c.integration_id, c.external_id, c.id from customers.contacts c
      where c.org_id = ${orgId}::uuid and c.id = any(${person.contactIds}::uuid[])
    order by 1, 2, 3`.execute(tx)
  return rows
}

const typeOf = (reach: Reach): RawBuilder<unknown> =>
  'is' in reach.type ? sql`${reach.type.is}` : sql.ref(`t.${reach.type.column}`)

/** Whether a row of the table is one of these records'. */
const isOf = (reach: Reach, about: readonly AboutRecord[]): RawBuilder<boolean> =>
  'id' in reach
    ? sql`(${sql.ref(`t.${reach.id}`)}, ${typeOf(reach)}) in (select local, type
        from json_to_recordset(${JSON.stringify(about)}::json) as p(local uuid, type text) where local is not null)`
    : sql`(${sql.ref(`t.${reach.connection}`)}, ${sql.ref(`t.${reach.record}`)}, ${typeOf(reach)}) in (select connection, record, type
        from json_to_recordset(${JSON.stringify(about)}::json) as p(connection uuid, record text, type text))`

const rowsOf = (table: string, orgId: string, about: readonly AboutRecord[]): RawBuilder<unknown> => {
  const reaches = PERSONAL_MAP[table]?.reach ?? []
  return sql`from ${sql.table(table)} t where t.org_id = ${orgId}::uuid
    and (${sql.join(
      reaches.map((reach) => isOf(reach, about)),
      sql` or `,
    )})`
}

const tablesWith = (wanted: (map: (typeof PERSONAL_MAP)[string]) => unknown): string[] =>
  Object.keys(PERSONAL_MAP).filter((table) => wanted(PERSONAL_MAP[table] ?? {}))

/** Tables whose rows belong to records. */
const OF_RECORDS = tablesWith((map) => map.reach)

/** What is held of a person, table by table, every declared column of every row: one statement per table. */
export const exportRows = async (
  tx: Transaction,
  orgId: string,
  person: Person,
  about: readonly AboutRecord[],
): Promise<{ store: string; rows: Record<string, unknown>[] }[]> => {
  const found: { store: string; rows: Record<string, unknown>[] }[] = []
  for (const table of OF_RECORDS) {
    const { holds = [], mentions = [], free = [] } = PERSONAL_MAP[table] ?? {}
    const columns = sql.join([...holds, ...mentions, ...free].map((column) => sql.ref(`t.${column}`)))
    const { rows } = await sql<Record<string, unknown>>`
      select ${columns} ${rowsOf(table, orgId, about)}`.execute(tx)
    found.push({ store: table, rows })
  }
  return [
    ...found,
    { store: 'customers.owners', rows: await ownersNamed(tx, orgId, person) },
    { store: 'customers.webhook_deliveries', rows: await deliveriesAbout(tx, orgId, about) },
  ].filter(({ rows }) => rows.length > 0)
}

const ownersNamed = async (
  tx: Transaction,
  orgId: string,
  person: Person,
): Promise<Record<string, unknown>[]> => {
  const { rows } = await sql<Record<string, unknown>>`
    select external_id, email, name from customers.owners
    where org_id = ${orgId}::uuid and lower(email) = any(${person.emails}::text[])`.execute(tx)
  return rows
}

/** Deletes the person's own records and the words about them, wherever something of them lies: one statement per table. */
export const deleteWhole = async (
  tx: Transaction,
  orgId: string,
  about: readonly AboutRecord[],
): Promise<Held[]> => {
  const whole = wholeRecords(about)
  const done: Held[] = []
  for (const table of OF_RECORDS) {
    const { numAffectedRows = 0n } = await sql`delete ${rowsOf(table, orgId, whole)}`.execute(tx)
    done.push({ store: table, rows: Number(numAffectedRows) })
  }
  return done.filter(({ rows }) => rows > 0)
}

/** Takes a colleague's address and name from the list of owners; the records they own still name them by id. */
export const redactOwners = async (
  tx: Transaction,
  orgId: string,
  person: Person,
  erased: string,
): Promise<Held[]> => {
  const { numAffectedRows = 0n } = await sql`
    update customers.owners set email = null, name = ${erased}
    where org_id = ${orgId}::uuid and lower(email) = any(${person.emails}::text[])`.execute(tx)
  return numAffectedRows > 0n ? [{ store: 'customers.owners', rows: Number(numAffectedRows) }] : []
}

/** What is left of a ticket's values. */
const wordless = (column: string, erased: string): RawBuilder<unknown> => sql`
  (select coalesce(jsonb_object_agg(e.key, e.value), '{}') || jsonb_build_object('subject', ${erased}::text)
    from jsonb_each(${sql.ref(column)}) e where e.key = any(${[...KEPT_OF_TICKETS]}::text[]))`

/** Takes the words out of tickets, out of what they said before, and out of what was agreed on and decided about them. */
export const redactTickets = async (
  tx: Transaction,
  orgId: string,
  about: readonly AboutRecord[],
  erased: string,
): Promise<Held[]> => {
  const tickets = about.filter(({ type }) => type === 'tickets')
  const ids = tickets.flatMap(({ local }) => local ?? [])
  if (ids.length === 0) return []
  const did: Held[] = []
  const note = async (store: string, run: RawBuilder<unknown>) => {
    const { numAffectedRows = 0n } = await run.execute(tx)
    if (numAffectedRows > 0n) did.push({ store, rows: Number(numAffectedRows) })
  }
  await note(
    'customers.tickets',
    sql`update customers.tickets set subject = ${erased}, properties = ${wordless('properties', erased)}
      where org_id = ${orgId}::uuid and id = any(${ids}::uuid[])`,
  )
  await note(
    'customers.versions',
    sql`update customers.versions set properties = ${wordless('properties', erased)}
      where org_id = ${orgId}::uuid and type = 'tickets' and record_id = any(${ids}::uuid[])`,
  )
  await note(
    'sync.links',
    sql`update sync.links set base = ${wordless('base', erased)}
      where org_id = ${orgId}::uuid and type = 'tickets' and local_id = any(${ids}::uuid[]) and base is not null`,
  )
  await note(
    'sync.decisions',
    sql`delete from sync.decisions where org_id = ${orgId}::uuid and type = 'tickets' and local_id = any(${ids}::uuid[])
      and not (field = any(${[...KEPT_OF_TICKETS]}::text[]))`,
  )
  await note(
    'sync.writes',
    sql`delete from sync.writes where org_id = ${orgId}::uuid and type = 'tickets' and local_id = any(${ids}::uuid[])`,
  )
  await note(
    'sync.plan_items',
    sql`delete from sync.plan_items where org_id = ${orgId}::uuid and type = 'tickets' and local_id = any(${ids}::uuid[])`,
  )
  return did
}
