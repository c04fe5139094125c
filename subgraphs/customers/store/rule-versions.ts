import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** Sets of rules that people may change of a portal, each with a version of its own. */
export type Rules = 'RENEWAL_STAGES' | 'COMPANY_KINDS' | 'ASSIGNMENT'

/** How often each portal's rules were changed, beginning with 1: one statement. Portals whose rules were never changed are absent. */
export const ruleVersions = async (
  tx: Transaction,
  orgId: string,
  rules: Rules,
  integrationIds: readonly string[],
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ integration_id: string; version: number }>`
    select integration_id, version from customers.rule_versions
    where org_id = ${orgId}::uuid and rules = ${rules} and integration_id = any(${integrationIds}::uuid[])`.execute(
    tx,
  )
  return new Map(rows.map((row) => [row.integration_id, row.version]))
}

/** The version of a portal's rules, and nobody else changes them until the transaction ends. Two statements. */
export const lockRules = async (
  tx: Transaction,
  place: { orgId: string; integrationId: string },
  rules: Rules,
): Promise<number> => {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`rules ${rules} ${place.integrationId}`}, 0))`.execute(
    tx,
  )
  return (await ruleVersions(tx, place.orgId, rules, [place.integrationId])).get(place.integrationId) ?? FIRST
}

/** The version of rules that nobody has changed. */
export const FIRST = 1

/** Raises the version of a portal's rules. */
export const raiseRules = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
  rules: Rules,
  at: Date,
): Promise<void> => {
  await sql`
    insert into customers.rule_versions as v (org_id, integration_id, rules, version, updated_at)
    values (${orgId}::uuid, ${integrationId}::uuid, ${rules}, ${FIRST + 1}, ${at}::timestamptz)
    on conflict (org_id, integration_id, rules) do update set version = v.version + 1, updated_at = excluded.updated_at`.execute(
    tx,
  )
}
