import { sql } from 'kysely'
import type { AssignmentRule, Unowned } from '../domain/assignment.ts'
import type { Transaction } from './transaction.ts'

interface Place {
  orgId: string
  integrationId: string
}

/** To whom portals' contacts are given, by connection: one statement. Connections without rules are absent. */
export const assignmentRulesOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Map<string, AssignmentRule[]>> => {
  const { rows } = await sql<AssignmentRule & { integration_id: string }>`
    select integration_id, territories, industries, owner_id as "ownerId" from customers.assignment_rules
    where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[]) order by integration_id, position`.execute(
    tx,
  )
  return Map.groupBy(rows, (row) => row.integration_id)
}

/** Makes a portal's rules these: two statements. */
export const writeAssignmentRules = async (
  tx: Transaction,
  { orgId, integrationId }: Place,
  rules: readonly AssignmentRule[],
): Promise<void> => {
  await sql`
    delete from customers.assignment_rules where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid`.execute(
    tx,
  )
  if (rules.length === 0) return
  const rows = rules.map((rule, position) => ({ ...rule, position }))
  await sql`
    insert into customers.assignment_rules (org_id, integration_id, position, territories, industries, owner_id)
    select ${orgId}::uuid, ${integrationId}::uuid, r.position, r.territories, r.industries, r."ownerId"
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(position integer, territories text[], industries text[],
      "ownerId" uuid)`.execute(tx)
}

/** Colleagues of a portal who are there, by id, with their ids in HubSpot: one statement. */
export const activeOwners = async (
  tx: Transaction,
  { orgId, integrationId }: Place,
  ids: readonly string[],
): Promise<Map<string, string>> => {
  const { rows } = await sql<{ id: string; external_id: string }>`
    select id, external_id from customers.owners
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid and is_active and id = any(${ids}::uuid[])`.execute(
    tx,
  )
  return new Map(rows.map((row) => [row.id, row.external_id]))
}

/** Which contacts to look at: those named, or a page of all. */
export type ContactsAsked = { ids: readonly string[] } | { after: string | null; limit: number }

/** Contacts of a portal that nobody looks after, by id: one statement. */
export const unownedContacts = async (
  tx: Transaction,
  { orgId, integrationId }: Place,
  ask: ContactsAsked,
): Promise<Unowned[]> => {
  const which =
    'ids' in ask
      ? sql`and t.id = any(${ask.ids}::uuid[])`
      : sql`and (${ask.after}::uuid is null or t.id > ${ask.after}::uuid)`
  const { rows } = await sql<{ id: string; places: (string | null)[]; industries: (string | null)[] }>`
    select t.id, array[t.properties ->> 'country', t.properties ->> 'state', t.properties ->> 'city', co.properties ->> 'country',
        co.properties ->> 'state', co.properties ->> 'city'] as places,
      array[t.properties ->> 'industry', co.industry] as industries
    from customers.contacts t
    left join customers.companies co on co.org_id = t.org_id and co.integration_id = t.integration_id
      and co.external_id = t.company_external_id and co.gone_at is null
    where t.org_id = ${orgId}::uuid and t.integration_id = ${integrationId}::uuid and t.owner_id is null and t.gone_at is null ${which}
    order by t.id ${'limit' in ask ? sql`limit ${ask.limit}` : sql``}`.execute(tx)
  const told = (words: (string | null)[]) => words.filter((word) => word !== null)
  return rows.map((row) => ({ id: row.id, places: told(row.places), industries: told(row.industries) }))
}

/** The portals that contacts are kept in, with the contacts of each: one statement. */
export const connectionsOfContacts = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, string[]>> => {
  const { rows } = await sql<{ id: string; integration_id: string }>`
    select id, integration_id from customers.contacts
    where org_id = ${orgId}::uuid and id = any(${ids}::uuid[]) and gone_at is null`.execute(tx)
  return new Map(
    [...Map.groupBy(rows, (row) => row.integration_id)].map(([portal, own]) => [
      portal,
      own.map(({ id }) => id),
    ]),
  )
}
