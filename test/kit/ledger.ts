/** The ledger check: whether the hub's books agree with what the portal has, and what of them nobody can explain. */
import { sql } from 'kysely'
import { linksOf, RECORD_TYPES, type RecordType } from '#subgraphs/customers/domain/kinds.ts'
import { type CustomersBed, ORG, type SimRecord } from './customers.ts'

/** What was found wrong, each as a sentence that names the record. All three are empty where nothing is wrong. */
export interface Ledger {
  /** The portal has it, the hub has not, or has another value of it. */
  lost: string[]
  /** The hub has it twice, or told of it twice. */
  duplicate: string[]
  /** The hub has it, and neither the portal nor the hub's own books say why. */
  unexplained: string[]
}

/** What a test expects of it. */
export const CLEAN: Ledger = { lost: [], duplicate: [], unexplained: [] }

type Books = Pick<CustomersBed, 'database' | 'records' | 'integrationId'>

/** Which event tells of a kind of record. */
const EVENTS: Readonly<Record<string, string>> = {
  companies: 'company',
  contacts: 'contact',
  deals: 'deal',
  tickets: 'ticket',
  tasks: 'task',
  notes: 'note',
}

interface Held {
  id: string
  external_id: string
  properties: Record<string, unknown>
  gone_at: Date | null
}

const query = <T>(books: Books, text: ReturnType<typeof sql<T>>): Promise<T[]> =>
  books.database.read(ORG, async (tx) => (await text.execute(tx)).rows)

/** Names of what occurs more than once. */
const repeated = (names: readonly string[]): string[] => {
  const seen = new Set<string>()
  return names.filter((name) => seen.has(name) || !seen.add(name))
}

/**
 * Compares the portal's final state with rows, entity mappings, links between records, identities and events.
 * Takes for granted that nothing is under way any more.
 */
export const checkLedger = async (books: Books): Promise<Ledger> => {
  const found: Ledger = { lost: [], duplicate: [], unexplained: [] }
  for (const type of RECORD_TYPES) {
    const there = await liveRecords(books, type)
    const held = await query<Held>(
      books,
      sql`select id, external_id, properties, gone_at from ${sql.table(`customers.${type}`)}
        where integration_id = ${books.integrationId} order by external_id`,
    )
    compareRecords(found, type, there, held)
    await compareMappings(found, books, type, held)
    await compareEdges(found, books, type, there)
    await compareEvents(found, books, type, held)
  }
  await compareIdentities(found, books)
  return found
}

const liveRecords = async (books: Books, type: RecordType): Promise<Map<string, SimRecord>> => {
  const towards = linksOf(type).length > 0 ? `&associations=${linksOf(type).join(',')}` : ''
  const all = await books.records(type, towards)
  // A record that was merged away is there under another's id.
  const live = all.filter(({ archived, mergedInto }) => !archived && mergedInto === undefined)
  return new Map(live.map((record) => [record.id, record]))
}

const compareRecords = (
  found: Ledger,
  type: RecordType,
  there: ReadonlyMap<string, SimRecord>,
  held: readonly Held[],
): void => {
  const live = held.filter((row) => row.gone_at === null)
  found.duplicate.push(
    ...repeated(live.map((row) => row.external_id)).map((id) => `${type} ${id} is held twice`),
  )
  const here = new Map(live.map((row) => [row.external_id, row]))
  for (const [id, record] of there) {
    const row = here.get(id)
    if (!row) found.lost.push(`${type} ${id} is not held`)
    // Links are kept beside the properties and compared as links.
    else
      for (const [name, value] of Object.entries(row.properties))
        if (!name.startsWith('@') && String(value ?? '') !== (record.properties[name] ?? ''))
          found.lost.push(`${type} ${id}: ${name} is not the portal's`)
  }
  for (const id of here.keys())
    if (!there.has(id)) found.unexplained.push(`${type} ${id} is held, and the portal has no such record`)
}

const compareMappings = async (
  found: Ledger,
  books: Books,
  type: RecordType,
  held: readonly Held[],
): Promise<void> => {
  const links = await query<{ external_id: string; local_id: string; is_gone: boolean }>(
    books,
    // One that a merge has retired leads to whoever took its place, and so does the name of a record that was only here.
    sql`select external_id, local_id, gone_at is not null as is_gone from sync.links l
      where connection_id = ${books.integrationId} and type = ${type} and not (gone_reason = 'merged' and exists (
        select from sync.aliases a join sync.links s on s.connection_id = a.connection_id and s.type = a.type and s.external_id = a.survivor_id
        where a.connection_id = l.connection_id and a.type = l.type and a.external_id = l.external_id and s.local_id = l.local_id))`,
  )
  const mapped = new Map(links.map((link) => [link.external_id, link]))
  found.duplicate.push(
    ...repeated(links.map((link) => link.local_id)).map((id) => `${type}: two mappings lead to ${id}`),
  )
  for (const row of held) {
    const link = mapped.get(row.external_id)
    mapped.delete(row.external_id)
    if (link?.local_id !== row.id)
      found.unexplained.push(`${type} ${row.external_id} has no mapping to its row`)
    else if (link.is_gone !== (row.gone_at !== null))
      found.unexplained.push(`${type} ${row.external_id}: mapping and row differ in whether it is gone`)
  }
  for (const id of mapped.keys()) found.unexplained.push(`${type} ${id} has a mapping and no row`)
}

const compareEdges = async (
  found: Ledger,
  books: Books,
  type: RecordType,
  there: ReadonlyMap<string, SimRecord>,
): Promise<void> => {
  const edges = await query<{ from_id: string; to_type: string; to_id: string }>(
    books,
    sql`select from_id, to_type, to_id from customers.edges
      where integration_id = ${books.integrationId} and from_type = ${type}`,
  )
  const here = new Set(edges.map((edge) => `${edge.from_id} → ${edge.to_type} ${edge.to_id}`))
  for (const record of there.values())
    for (const [to, links] of Object.entries(record.associations ?? {}))
      for (const { id } of links) {
        const edge = `${record.id} → ${to} ${id}`
        if (!here.delete(edge)) found.lost.push(`${type} ${edge} is not held`)
      }
  // Links of a record that is gone are kept: they come back with it.
  for (const edge of here)
    if (there.has(edge.slice(0, edge.indexOf(' '))))
      found.unexplained.push(`${type} ${edge} is held, and the portal has no such link`)
}

const compareEvents = async (
  found: Ledger,
  books: Books,
  type: RecordType,
  held: readonly Held[],
): Promise<void> => {
  const name = EVENTS[type]
  if (!name) return
  const told = await query<{ id: string; payload: { deleted: boolean } & Record<string, unknown> }>(
    books,
    sql`select payload ->> ${`${name}Id`} as id, payload from events.recorded
      where name = ${`customers.${name}.changed`} order by batch, place`,
  )
  const last = new Map<string, { text: string; deleted: boolean }>()
  for (const { id, payload } of told) {
    const text = JSON.stringify(payload)
    if (last.get(id)?.text === text) found.duplicate.push(`${type} ${id} was told of twice in the same words`)
    last.set(id, { text, deleted: payload.deleted })
  }
  for (const row of held) {
    const event = last.get(row.id)
    last.delete(row.id)
    if (!event) found.unexplained.push(`${type} ${row.external_id} was never told of`)
    else if (event.deleted !== (row.gone_at !== null))
      found.unexplained.push(
        `${type} ${row.external_id}: its last event says otherwise of whether it is gone`,
      )
  }
  for (const id of last.keys()) found.unexplained.push(`${type}: an event tells of ${id}, which has no row`)
}

const compareIdentities = async (found: Ledger, books: Books): Promise<void> => {
  const accounts = await query<{ account_id: string; is_customer: boolean; is_company: boolean }>(
    books,
    sql`select i.account_id, c.id is not null as is_customer, r.customer_id is not distinct from i.customer_id as is_company
      from customers.identities i
      left join customers.customers c on c.id = i.customer_id
      left join customers.companies r on r.id::text = i.account_id
      where i.system = 'HUBSPOT' and i.integration_id = ${books.integrationId}`,
  )
  found.duplicate.push(
    ...repeated(accounts.map((each) => each.account_id)).map((id) => `account ${id} has two identities`),
  )
  for (const { account_id, is_customer, is_company } of accounts) {
    if (!is_customer) found.unexplained.push(`account ${account_id} belongs to no customer`)
    if (!is_company) found.unexplained.push(`account ${account_id}: its company belongs to another customer`)
  }
  const empty = await query<{ id: string }>(
    books,
    sql`select c.id from customers.customers c where c.gone_at is null and c.merged_into is null
      and not exists (select from customers.identities i where i.customer_id = c.id)`,
  )
  for (const { id } of empty) found.unexplained.push(`customer ${id} has no account`)
}
