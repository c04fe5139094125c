import { sql } from 'kysely'
import { NO_TWINS, type TwinFacts, type TwinPolicy } from '../domain/twins.ts'
import type { Transaction } from './transaction.ts'

interface Place {
  orgId: string
  integrationId: string
}

/** What is decided of portals, by connection: one statement. Those of which nothing is are absent. */
export const twinPoliciesOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Map<string, TwinPolicy>> => {
  const { rows } = await sql<TwinPolicy & { integrationId: string }>`
    select integration_id as "integrationId", is_on as "isOn", systems, conditions, version from customers.twin_policies
    where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[])`.execute(tx)
  return new Map(rows.map(({ integrationId, ...policy }) => [integrationId, policy]))
}

/** What is decided of a portal, and nobody else changes it or makes companies there until the transaction ends. Two statements. */
export const lockTwins = async (tx: Transaction, { orgId, integrationId }: Place): Promise<TwinPolicy> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`twins ${integrationId}`}, 0))`.execute(tx)
  return (await twinPoliciesOf(tx, orgId, [integrationId])).get(integrationId) ?? NO_TWINS
}

/** Keeps what is decided of a portal: one statement. */
export const writeTwinPolicy = async (
  tx: Transaction,
  { orgId, integrationId }: Place,
  { isOn, systems, conditions, version }: TwinPolicy,
  at: Date,
): Promise<void> => {
  await sql`
    insert into customers.twin_policies (org_id, integration_id, is_on, systems, conditions, version, updated_at)
    values (${orgId}::uuid, ${integrationId}::uuid, ${isOn}, ${systems}::text[], ${conditions}::text[], ${version}, ${at}::timestamptz)
    on conflict (org_id, integration_id) do update set is_on = excluded.is_on, systems = excluded.systems,
      conditions = excluded.conditions, version = excluded.version, updated_at = excluded.updated_at`.execute(
    tx,
  )
}

/** Portals that companies are to be made in by themselves. Asked by relay. */
export const portalsWithTwins = async (tx: Transaction): Promise<Place[]> => {
  const { rows } = await sql<Place>`
    select org_id as "orgId", integration_id as "integrationId" from customers.twin_policies where is_on
    order by org_id, integration_id`.execute(tx)
  return rows
}

/** A page of customers that have no company, and an account in one of some systems, with what they are judged by. One statement. */
export const withoutTwin = async (
  tx: Transaction,
  { orgId, integrationId }: Place,
  systems: readonly string[],
  { after, limit }: { after: string; limit: number },
): Promise<Omit<TwinFacts, 'wasMade'>[]> => {
  const { rows } = await sql<Omit<TwinFacts, 'wasMade'>>`
    select c.id, c.name, c.domain,
      exists (select from customers.companies co join customers.identities i on i.org_id = c.org_id and i.customer_id = c.id
          and i.gone_at is null and i.match_domain = co.match_domain
        where co.org_id = c.org_id and co.integration_id = ${integrationId}::uuid and co.gone_at is null) as "hasNamesake",
      exists (select from customers.identities i join customers.identity_due d on d.org_id = i.org_id and d.system = i.system
          and d.account_id = i.account_id
        where i.org_id = c.org_id and i.customer_id = c.id and i.gone_at is null)
      or exists (select from customers.identities i join customers.identity_candidates a on a.org_id = i.org_id
          and a.a_system = i.system and a.a_account_id = i.account_id
        where i.org_id = c.org_id and i.customer_id = c.id and i.gone_at is null and a.state = 'OPEN' and a.verdict <> 'APART'
          and a.b_system = 'HUBSPOT')
      or exists (select from customers.identities i join customers.identity_candidates b on b.org_id = i.org_id
          and b.b_system = i.system and b.b_account_id = i.account_id
        where i.org_id = c.org_id and i.customer_id = c.id and i.gone_at is null and b.state = 'OPEN' and b.verdict <> 'APART'
          and b.a_system = 'HUBSPOT') as "isUndecided",
      exists (select from customers.identities i left join customers.timeline_told t on t.org_id = i.org_id and t.subject = 'ACCOUNT'
          and t.id = i.account_id
        where i.org_id = c.org_id and i.customer_id = c.id and i.system = 'WARP' and i.gone_at is null
          and t.state ->> 'status' is distinct from 'CHURNED') as "hasBilling",
      exists (select from customers.identities i join customers.rfqs r on r.org_id = i.org_id and r.account_id = i.account_id
          and r.gone_at is null
        where i.org_id = c.org_id and i.customer_id = c.id and i.system = 'C3' and i.gone_at is null) as "hasRequest"
    from customers.customers c
    where c.org_id = ${orgId}::uuid and c.id > ${after}::uuid and c.lead_company_id is null and c.merged_into is null and c.gone_at is null
      and exists (select from customers.identities i where i.org_id = c.org_id and i.customer_id = c.id and i.gone_at is null
        and i.system = any(${systems}::text[]))
    order by c.id limit ${limit}`.execute(tx)
  return rows
}

/** Which of these companies the hub has, or had: one statement. */
export const companiesThatWere = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Set<string>> => {
  const { rows } = await sql<{ id: string }>`
    select id from customers.companies where org_id = ${orgId}::uuid and id = any(${ids}::uuid[])`.execute(tx)
  return new Set(rows.map(({ id }) => id))
}
