import { sql } from 'kysely'
import { type PolicyVersion, policyVersionsIn } from '#control/policy-versions.ts'
import { NO_RULES, type PolicyRules } from '../domain/policy.ts'
import type { Transaction } from './transaction.ts'

/** Who wins at a portal, as it held from one change to the next. */
export type PolicyVersionRow = PolicyVersion<PolicyRules>

export const policyTable = policyVersionsIn<PolicyRules>('customers.policies', NO_RULES)
export const { policiesOf, policyOf, policyVersions, listPolicies } = policyTable

/** Lets a portal speak in its new turn. */
export const rankPortal = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
  rank: number,
): Promise<void> => {
  await sql`
    update customers.integrations set rank = ${rank}
    where org_id = ${orgId}::uuid and id = ${integrationId}::uuid and rank <> ${rank}`.execute(tx)
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
