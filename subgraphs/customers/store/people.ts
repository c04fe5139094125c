import { sql } from 'kysely'
import {
  EMAIL_FIELDS,
  emailsOf,
  normalEmail,
  normalPhone,
  PHONE_FIELDS,
  phonesOf,
  type Subject,
} from '../domain/person.ts'
import type { Transaction } from './transaction.ts'

/** A record of a portal that is a person, under its id there. */
export interface PersonRecord {
  type: 'contacts'
  connection: string
  record: string
}

/** A person as the hub knows it: every contact that is the same person, in every portal, merged ones too. */
export interface Person {
  contactIds: string[]
  records: PersonRecord[]
  emails: string[]
  phones: string[]
}

/** Whom a subject means. `nobody`: nobody we hold. `several`: it is the address or number of more than one person. */
export type Found = { person: Person } | 'nobody' | 'several'

interface Row {
  id: string
  integration_id: string
  external_id: string
  merged_into: string | null
  email: string | null
  phone: string | null
  said: Record<string, unknown>
}

const MOST_ROUNDS = 20
const FIELDS = [...EMAIL_FIELDS, ...PHONE_FIELDS, 'hs_merged_object_ids']

// Looked through rather than looked up: erasing is rare, and no index of ours would serve these under row level security.
const contactsWhere = async (
  tx: Transaction,
  orgId: string,
  known: {
    ids: readonly string[]
    emails: readonly string[]
    phones: readonly string[]
    records: readonly PersonRecord[]
  },
): Promise<Row[]> => {
  const digits = (text: ReturnType<typeof sql>) =>
    sql`ltrim(regexp_replace(coalesce(${text}, ''), '\\D', '', 'g'), '0')`
  const { rows } = await sql<Row>`
    select c.id, c.integration_id, c.external_id, c.merged_into, c.email, c.phone,
      (select coalesce(jsonb_object_agg(e.key, e.value), '{}') from jsonb_each(c.properties) e where e.key = any(${FIELDS}::text[])) as said
    from customers.contacts c
    where c.org_id = ${orgId}::uuid and (
      c.id = any(${known.ids}::uuid[]) or c.merged_into = any(${known.ids}::uuid[])
      or lower(c.email) = any(${known.emails}::text[])
      or exists (select from unnest(${EMAIL_FIELDS as readonly string[]}::text[]) f
        where string_to_array(replace(lower(c.properties ->> f), ' ', ''), ';') && ${known.emails}::text[])
      or ${digits(sql`c.phone`)} = any(${known.phones}::text[])
      or exists (select from unnest(${PHONE_FIELDS as readonly string[]}::text[]) f
        where ${digits(sql`c.properties ->> f`)} = any(${known.phones}::text[]))
      or (c.integration_id, c.external_id) in (select p.connection, p.record
        from json_to_recordset(${JSON.stringify(known.records)}::json) as p(connection uuid, record text)))
    order by c.id`.execute(tx)
  return rows
}

/** Other ids under which the sources know these records or ours: merged ones, and those they were moved to. */
const otherRecords = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
  records: readonly PersonRecord[],
): Promise<PersonRecord[]> => {
  const { rows } = await sql<{ connection: string; record: string }>`
    with known as (select connection, record from json_to_recordset(${JSON.stringify(records)}::json) as p(connection uuid, record text))
    select l.connection_id as connection, l.external_id as record from sync.links l
      where l.org_id = ${orgId}::uuid and l.type = 'contacts' and l.local_id = any(${ids}::uuid[])
    union select a.connection_id, a.external_id from sync.aliases a join known k on k.connection = a.connection_id and k.record = a.survivor_id
      where a.org_id = ${orgId}::uuid and a.type = 'contacts'
    union select a.connection_id, a.survivor_id from sync.aliases a join known k on k.connection = a.connection_id and k.record = a.external_id
      where a.org_id = ${orgId}::uuid and a.type = 'contacts'`.execute(tx)
  return rows.map((row) => ({ type: 'contacts', ...row }))
}

const keyOf = ({ connection, record }: PersonRecord): string => `${connection}/${record}`

/**
 * Everybody that is the same person as one of these: by address, by merge, by record, until nobody new is found. A number is no
 * proof, since colleagues share one.
 */
export const samePerson = async (
  tx: Transaction,
  orgId: string,
  start: { ids?: readonly string[]; emails?: readonly string[]; records?: readonly PersonRecord[] },
): Promise<Person> => {
  const ids = new Set(start.ids)
  const emails = new Set(start.emails)
  const records = new Map((start.records ?? []).map((record) => [keyOf(record), record]))
  const phones = new Set<string>()
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const size = ids.size + emails.size + records.size
    const rows = await contactsWhere(tx, orgId, {
      ids: [...ids],
      emails: [...emails],
      phones: [],
      records: [...records.values()],
    })
    for (const row of rows) {
      ids.add(row.id)
      if (row.merged_into) ids.add(row.merged_into)
      for (const email of [normalEmail(row.email), ...emailsOf(row.said).map(({ value }) => value)])
        if (email) emails.add(email)
      for (const phone of [normalPhone(row.phone), ...phonesOf(row.said).map(({ value }) => value)])
        if (phone) phones.add(phone)
      const merged = String(row.said.hs_merged_object_ids ?? '').split(';')
      for (const record of [row.external_id, ...merged.map((id) => id.trim()).filter(Boolean)]) {
        const found: PersonRecord = { type: 'contacts', connection: row.integration_id, record }
        records.set(keyOf(found), found)
      }
    }
    for (const record of await otherRecords(tx, orgId, [...ids], [...records.values()]))
      records.set(keyOf(record), record)
    if (ids.size + emails.size + records.size === size) break
  }
  return {
    contactIds: [...ids].sort(),
    records: [...records.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    emails: [...emails].sort(),
    phones: [...phones].sort(),
  }
}

/** Whom a subject means. An address or number that nobody has is still one that may be suppressed. */
export const findPerson = async (tx: Transaction, orgId: string, subject: Subject): Promise<Found> => {
  const none = { ids: [], emails: [], phones: [], records: [] }
  if (subject.email != null) {
    const email = normalEmail(subject.email) ?? ''
    return { person: await samePerson(tx, orgId, { emails: [email] }) }
  }
  const phone = normalPhone(subject.phone)
  const matches = phone
    ? (await contactsWhere(tx, orgId, { ...none, phones: [phone] })).map(({ id }) => ({ ids: [id] }))
    : subject.contactId != null
      ? (await contactsWhere(tx, orgId, { ...none, ids: [subject.contactId] })).map(({ id }) => ({
          ids: [id],
        }))
      : (await recordsCalled(tx, orgId, subject.hubspotContactId ?? '')).map((record) => ({
          records: [record],
        }))
  const [first, ...others] = matches
  if (!first)
    return phone ? { person: { contactIds: [], records: [], emails: [], phones: [phone] } } : 'nobody'
  const person = await samePerson(tx, orgId, first)
  if (others.some((other) => !isPartOf(other, person))) return 'several'
  return { person: phone ? { ...person, phones: [...new Set([...person.phones, phone])] } : person }
}

const isPartOf = (other: { ids?: string[]; records?: PersonRecord[] }, person: Person): boolean =>
  (other.ids ?? []).every((id) => person.contactIds.includes(id)) &&
  (other.records ?? []).every((record) => person.records.some((known) => keyOf(known) === keyOf(record)))

/** Contacts that a portal knows or has known by this id: several portals may have given it. */
const recordsCalled = async (tx: Transaction, orgId: string, record: string): Promise<PersonRecord[]> => {
  const { rows } = await sql<{ connection: string }>`
    select integration_id as connection from customers.contacts where org_id = ${orgId}::uuid and external_id = ${record}
    union select connection_id from sync.links where org_id = ${orgId}::uuid and type = 'contacts' and external_id = ${record}
    union select connection_id from sync.aliases where org_id = ${orgId}::uuid and type = 'contacts' and external_id = ${record}
    order by 1`.execute(tx)
  return rows.map(({ connection }) => ({ type: 'contacts', connection, record }))
}

/** The numbers among these that nobody else here has: another's contact or a company's number says nothing of this person. */
export const ownPhones = async (tx: Transaction, orgId: string, person: Person): Promise<string[]> => {
  if (person.phones.length === 0) return []
  const { rows } = await sql<{ phone: string }>`
    select distinct ltrim(regexp_replace(said.phone, '\\D', '', 'g'), '0') as phone
    from (
      select c.properties ->> f as phone from customers.contacts c, unnest(${PHONE_FIELDS as readonly string[]}::text[]) f
        where c.org_id = ${orgId}::uuid and not (c.id = any(${person.contactIds}::uuid[]))
      union all
      select properties ->> 'phone' from customers.companies where org_id = ${orgId}::uuid
    ) said
    where said.phone is not null and ltrim(regexp_replace(said.phone, '\\D', '', 'g'), '0') = any(${person.phones}::text[])`.execute(
    tx,
  )
  const shared = new Set(rows.map((row) => row.phone))
  return person.phones.filter((phone) => !shared.has(phone))
}

/** Which company and customer contacts belong to, for telling of them: one statement. Contacts that are not here are absent. */
export const belongingOf = async (
  tx: Transaction,
  orgId: string,
  contactIds: readonly string[],
): Promise<{ contactId: string; companyId: string | null; customerId: string | null }[]> => {
  const { rows } = await sql<{ contactId: string; companyId: string | null; customerId: string | null }>`
    select c.id as "contactId", co.id as "companyId", co.customer_id as "customerId"
    from customers.contacts c left join customers.companies co
      on co.org_id = c.org_id and co.integration_id = c.integration_id and co.external_id = c.company_external_id
    where c.org_id = ${orgId}::uuid and c.id = any(${contactIds}::uuid[]) order by c.id`.execute(tx)
  return rows
}

/** The full names of contacts, as their records have them. */
export const namesOf = async (
  tx: Transaction,
  orgId: string,
  contactIds: readonly string[],
): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`
    select concat_ws(' ', first_name, last_name) as name from customers.contacts
    where org_id = ${orgId}::uuid and id = any(${contactIds}::uuid[])`.execute(tx)
  return rows.map(({ name }) => name)
}
