import { sql } from 'kysely'
import { over } from '#db/client.ts'
import type { Rules } from './policy-rules.ts'

/** Who wins at a connection, as it held from one change to the next. */
export interface PolicyVersion<R extends Rules> {
  integrationId: string
  version: number
  rules: R
  savedAt: Date | null
  savedBy: string | null
}

/** A connection, by whose policy is decided. */
export interface PolicyPlace {
  orgId: string
  integrationId: string
}

/** What holds while nobody has decided anything: it has no row. */
const FIRST_POLICY = 1
const COLUMNS = sql`integration_id as "integrationId", version, rules, saved_at as "savedAt", saved_by as "savedBy"`

/**
 * The versions of policies in a table.
 * @param table with the columns org_id, integration_id, version, rules, saved_at and saved_by
 * @param taken what holds while nobody has decided anything
 */
export const policyVersionsIn = <R extends Rules>(table: string, taken: R) => {
  const rows = sql.table(table)
  const firstOf = (integrationId: string): PolicyVersion<R> => ({
    ...{ integrationId, version: FIRST_POLICY, rules: taken, savedAt: null, savedBy: null },
  })

  /** The policies that hold now, by connection: one statement. */
  const policiesOf = async (
    tx: object,
    orgId: string,
    integrationIds: readonly string[],
  ): Promise<Map<string, PolicyVersion<R>>> => {
    const { rows: kept } = await sql<PolicyVersion<R>>`
      select distinct on (integration_id) ${COLUMNS} from ${rows}
      where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[])
      order by integration_id, version desc`.execute(over(tx))
    const found = new Map(kept.map((row) => [row.integrationId, row]))
    return new Map(integrationIds.map((id) => [id, found.get(id) ?? firstOf(id)]))
  }

  /** The policy that holds now. */
  const policyOf = async (tx: object, { orgId, integrationId }: PolicyPlace): Promise<PolicyVersion<R>> =>
    (await policiesOf(tx, orgId, [integrationId])).get(integrationId) ?? firstOf(integrationId)

  /** Policies as they were in a version, by connection: one statement. Those that never had it are absent. */
  const policyVersions = async (
    tx: object,
    orgId: string,
    integrationIds: readonly string[],
    version: number,
  ): Promise<Map<string, PolicyVersion<R>>> => {
    if (version === FIRST_POLICY) return new Map(integrationIds.map((id) => [id, firstOf(id)]))
    const { rows: kept } = await sql<PolicyVersion<R>>`
      select ${COLUMNS} from ${rows}
      where org_id = ${orgId}::uuid and integration_id = any(${integrationIds}::uuid[]) and version = ${version}`.execute(
      over(tx),
    )
    return new Map(kept.map((row) => [row.integrationId, row]))
  }

  /** The versions of a policy, newest first. @param after the version of the last one of the page before */
  const listPolicies = async (
    tx: object,
    { orgId, integrationId }: PolicyPlace,
    { limit, after }: { limit: number; after: number | null },
  ): Promise<PolicyVersion<R>[]> => {
    const { rows: kept } = await sql<PolicyVersion<R>>`
      select ${COLUMNS} from ${rows}
      where org_id = ${orgId}::uuid and integration_id = ${integrationId}::uuid
        ${after === null ? sql`` : sql`and version < ${after}`}
      order by version desc limit ${limit}`.execute(over(tx))
    return kept
  }

  /** Adds a version: one statement. */
  const addPolicy = async (
    tx: object,
    orgId: string,
    { integrationId, version, rules, savedAt, savedBy }: PolicyVersion<R>,
  ): Promise<void> => {
    await sql`
      insert into ${rows} (org_id, integration_id, version, rules, saved_at, saved_by)
      values (${orgId}::uuid, ${integrationId}::uuid, ${version}, ${JSON.stringify(rules)}::jsonb, ${savedAt}::timestamptz, ${savedBy})`.execute(
      over(tx),
    )
  }

  return { policiesOf, policyOf, policyVersions, listPolicies, addPolicy }
}

/** Where the versions of policies are kept. */
export type PolicyVersions<R extends Rules> = ReturnType<typeof policyVersionsIn<R>>
