import { type RawBuilder, sql } from 'kysely'
import { isOwnNumber } from '../domain/admission.ts'
import { linkField } from '../domain/links.ts'
import { type Identifier, withoutMentions } from '../domain/person.ts'
import { PERSONAL_MAP } from '../domain/personal-map.ts'
import type { Person } from './people.ts'
import type { Held } from './personal-data.ts'
import type { Transaction } from './transaction.ts'

const FIELD = linkField('contacts')

/** Kinds of records that stay when a person goes, and say with whom they are linked. */
const LINKED_TABLES = ['deals', 'tickets'] as const

/**
 * Takes links to a person out of what other records say, have said, have agreed on and were decided about. The links stand as
 * a list of ids, so a record's words about others stay.
 */
export const cutLinks = async (tx: Transaction, orgId: string, person: Person): Promise<Held[]> => {
  if (person.records.length === 0) return []
  const did = new Map<string, number>()
  const note = async (store: string, run: RawBuilder<unknown>) => {
    const { numAffectedRows = 0n } = await run.execute(tx)
    if (numAffectedRows > 0n) did.set(store, (did.get(store) ?? 0) + Number(numAffectedRows))
  }
  const gone = sql`(select connection, array_agg(record) || array_agg(record || '!') as ids
    from json_to_recordset(${JSON.stringify(person.records)}::json) as p(connection uuid, record text) group by connection) gone`
  const has = (list: RawBuilder<unknown>) => sql`jsonb_typeof(${list}) = 'array' and ${list} ?| gone.ids`
  for (const type of LINKED_TABLES) {
    const table = sql.table(`customers.${type}`)
    await note(
      `customers.${type}`,
      sql`update ${table} t set properties = jsonb_set(properties, array[${FIELD}], (properties -> ${FIELD}) - gone.ids)
        from ${gone} where t.org_id = ${orgId}::uuid and t.integration_id = gone.connection and ${has(sql`properties -> ${FIELD}`)}`,
    )
    await note(
      'customers.versions',
      sql`update customers.versions v set properties = jsonb_set(v.properties, array[${FIELD}], (v.properties -> ${FIELD}) - gone.ids)
        from ${table} t join ${gone} on t.integration_id = gone.connection
        where v.org_id = ${orgId}::uuid and v.type = ${type} and v.record_id = t.id and ${has(sql`v.properties -> ${FIELD}`)}`,
    )
  }
  await note(
    'sync.links',
    sql`update sync.links t set base = jsonb_set(base, array[${FIELD}], (base -> ${FIELD}) - gone.ids)
      from ${gone} where t.org_id = ${orgId}::uuid and t.connection_id = gone.connection and ${has(sql`base -> ${FIELD}`)}`,
  )
  await note(
    'sync.decisions',
    sql`delete from sync.decisions t using ${gone}
      where t.org_id = ${orgId}::uuid and t.connection_id = gone.connection and t.field = ${FIELD}
        and (${has(sql`base -> 'value'`)} or ${has(sql`theirs -> 'value'`)} or ${has(sql`ours -> 'value'`)})`,
  )
  await note(
    'sync.writes',
    sql`delete from sync.writes t using ${gone} where t.org_id = ${orgId}::uuid and t.connection_id = gone.connection
      and (${has(sql`t.fields -> ${FIELD} -> 'from'`)} or ${has(sql`t.fields -> ${FIELD} -> 'to'`)})`,
  )
  await note(
    'sync.plan_items',
    sql`delete from sync.plan_items t using ${gone}
      where t.org_id = ${orgId}::uuid and t.connection_id = gone.connection
        and (${has(sql`fields -> ${FIELD} -> 'from'`)} or ${has(sql`fields -> ${FIELD} -> 'to'`)}
          or ${has(sql`moved_to -> 'fields' -> ${FIELD} -> 'to'`)})`,
  )
  return [...did].map(([store, rows]) => ({ store, rows }))
}

const likely = (person: Pick<Person, 'emails' | 'phones'>) => {
  // As it stands in JSON, where a quote or a backslash has one before it.
  const plain = (text: string) =>
    JSON.stringify(text)
      .slice(1, -1)
      .replace(/[\\%_]/g, '\\$&')
  return {
    emails: person.emails.map((email) => `%${plain(email)}%`),
    phones: person.phones.map((phone) => `%+${phone}%`),
  }
}

/** Whether a column may mention one of these: coarse, and never too narrow. */
const mayMention = (column: string, of: ReturnType<typeof likely>): RawBuilder<boolean> => sql`
  (${sql.ref(column)}::text ilike any(${of.emails}::text[])
    or (${sql.ref(column)}::text like '%+%'
      and regexp_replace(${sql.ref(column)}::text, '[ ().\\-/]', '', 'g') like any(${of.phones}::text[])))`

/** Every text within a value, made anew; with the field it stands in. */
const mapped = (value: unknown, change: (text: string, field: string) => string, at = ''): unknown => {
  if (typeof value === 'string') return change(value, at)
  if (Array.isArray(value)) return value.map((item) => mapped(item, change, at))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [field, mapped(inner, change, field)]),
  )
}

/**
 * Takes a person's addresses and international numbers out of whatever else mentions them, as the door does with what comes
 * later. It looks through every table that may: a few seconds where there are many records, and erasing is rare.
 */
export const cutMentions = async (tx: Transaction, orgId: string, person: Person): Promise<Held[]> => {
  if (person.emails.length + person.phones.length === 0) return []
  const named = new Set([
    ...person.emails.map((value) => `email:${value}`),
    ...person.phones.map((value) => `phone:${value}`),
  ])
  const isErased = ({ kind, value }: Identifier) => named.has(`${kind}:${value}`)
  const of = likely(person)
  const did: Held[] = []
  for (const [table, { mentions = [] }] of Object.entries(PERSONAL_MAP)) {
    if (mentions.length === 0) continue
    const columns = sql.join(mentions.map((column) => sql.ref(column)))
    const { rows } = await sql<Record<string, unknown> & { place: string }>`
      select ctid::text as place, ${columns} from ${sql.table(table)}
      where org_id = ${orgId}::uuid and (${sql.join(
        mentions.map((column) => mayMention(column, of)),
        sql` or `,
      )}) for update`.execute(tx)
    const stays = table === 'customers.companies' ? isOwnNumber : () => false
    const changed = rows.flatMap((row) => {
      const { place, ...said } = row
      const left = mapped(said, (text, field) =>
        withoutMentions(text, (named) => !stays(field, named) && isErased(named)),
      ) as Record<string, unknown>
      return JSON.stringify(left) === JSON.stringify(said) ? [] : [{ place, ...left }]
    })
    if (changed.length === 0) continue
    const shape = await shapeOf(tx, table, mentions)
    await sql`
      update ${sql.table(table)} t set ${sql.join(mentions.map((column) => sql`${sql.ref(column)} = r.${sql.ref(column)}`))}
      from json_to_recordset(${JSON.stringify(changed)}::json) as r(place text, ${shape}) where t.ctid = r.place::tid`.execute(
      tx,
    )
    did.push({ store: table, rows: changed.length })
  }
  return did
}

const shapeOf = async (
  tx: Transaction,
  table: string,
  columns: readonly string[],
): Promise<RawBuilder<unknown>> => {
  const [schema = '', name = ''] = table.split('.')
  const { rows } = await sql<{ column: string; kind: string }>`
    select column_name as "column", data_type as kind from information_schema.columns
    where table_schema = ${schema} and table_name = ${name} and column_name = any(${columns}::text[])`.execute(
    tx,
  )
  return sql.join(rows.map(({ column, kind }) => sql`${sql.ref(column)} ${sql.raw(kind)}`))
}
