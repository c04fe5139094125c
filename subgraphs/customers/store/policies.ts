import { sql } from 'kysely'
import { NO_RULES, type PolicyRules } from '../domain/policy.ts'
import type { Transaction } from './transaction.ts'

/** Who wins at a portal, as it held from one change to the next. */
export interface PolicyVersionRow {
  integrationId: string
  version: number
  rules: PolicyRules
  savedAt: Date | null
  savedBy: string | null
}

/** What holds while nobody has decided anything. */
export const FIRST_POLICY = 1
const COLUMNS = sql`integration_id as "integrationId", version, rules, saved_at as "savedAt", saved_by as "savedBy"`

const firstOf = (integrationId: string): PolicyVersionRow => ({
  integrationId,
  version: FIRST_POLICY,
  rules: NO_RULES,
  savedAt: null,
  savedBy: null,
})

/** The policies that hold now, by connection: one statement. */
export const policiesOf = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
): Promise<Map<string, PolicyVersionRow>> => {
  const { rows } = await sql<PolicyVersionRow>`
    select distinct on (integration_id) ${COLUMNS} from customers.policies
    where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[])
    order by integration_id, version desc`.execute(tx)
  const found = new Map(rows.map((row) => [row.integrationId, row]))
  return new Map(integrationIds.map((id) => [id, found.get(id) ?? firstOf(id)]))
}

/** The policy that holds now. */
export const policyOf = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
): Promise<PolicyVersionRow> =>
  (await policiesOf(tx, orgId, [integrationId])).get(integrationId) ?? firstOf(integrationId)

/** Policies as they were in a version, by connection: one statement. Those that never had it are absent. */
export const policyVersions = async (
  tx: Transaction,
  orgId: string,
  integrationIds: readonly string[],
  version: number,
): Promise<Map<string, PolicyVersionRow>> => {
  if (version === FIRST_POLICY) return new Map(integrationIds.map((id) => [id, firstOf(id)]))
  const { rows } = await sql<PolicyVersionRow>`
    select ${COLUMNS} from customers.policies
    where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[]) and version = ${version}`.execute(
    tx,
  )
  return new Map(rows.map((row) => [row.integrationId, row]))
}

/** The versions of a policy, newest first. @param after the version of the last one of the page before */
export const listPolicies = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
  { limit, after }: { limit: number; after: number | null },
): Promise<PolicyVersionRow[]> => {
  const { rows } = await sql<PolicyVersionRow>`
    select ${COLUMNS} from customers.policies
    where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid
      ${after === null ? sql`` : sql`and version < ${after}`}
    order by version desc limit ${limit}`.execute(tx)
  return rows
}

/** Adds a version, and lets the portal speak in its new turn. Two statements. */
export const addPolicy = async (
  tx: Transaction,
  orgId: string,
  { integrationId, version, rules, savedAt, savedBy }: PolicyVersionRow,
): Promise<void> => {
  await sql`
    insert into customers.policies (org_id, integration_id, version, rules, saved_at, saved_by)
    values (${orgId}::uuid, ${integrationId}::uuid, ${version}, ${JSON.stringify(rules)}::jsonb, ${savedAt}::timestamptz, ${savedBy})`.execute(
    tx,
  )
  await sql`
    update customers.integrations set rank = ${rules.rank}
    where org_id = ${orgId}::uuid and id = ${integrationId}::uuid and rank <> ${rules.rank}`.execute(tx)
}

/** Customers that several portals know, of which one is this, `limit` at a time, by id: one statement. */
export const sharedCustomers = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
  after: string,
  limit: number,
): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    select distinct co.customer_id as id from customers.companies co
    where co.org_id = ${orgId}::uuid and co.integration_id = ${integrationId}::uuid and co.customer_id > ${after}::uuid and co.gone_at is null
      and exists (select from customers.companies o where o.org_id = co.org_id and o.customer_id = co.customer_id
        and o.integration_id <> co.integration_id and o.gone_at is null)
    order by co.customer_id limit ${limit}`.execute(tx)
  return rows.map((row) => row.id)
}
