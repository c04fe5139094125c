import { sql } from 'kysely'
import { type InclusionRule, propertyOf } from '../domain/settings.ts'
import type { Transaction } from './transaction.ts'

/** How many records of a type the hub holds, and how many of them keep rules about their properties. */
export interface HeldByRules {
  held: number
  staying: number
  examples: string[]
}

const MOST_EXAMPLES = 5

/** Counts what the hub holds of a type against rules: one statement. */
export const countByRules = async (
  tx: Transaction,
  place: { orgId: string; integrationId: string },
  type: string,
  rules: readonly InclusionRule[],
): Promise<HeldByRules> => {
  const kept = sql.join(
    [
      sql`true`,
      ...rules.map(
        (rule) =>
          sql`coalesce(string_to_array(r.properties->>${propertyOf(rule)}, ';') && ${rule.values}::text[], false)`,
      ),
    ],
    sql` and `,
  )
  const { rows } = await sql<HeldByRules>`
    select count(*)::integer as held, count(*) filter (where is_kept)::integer as staying,
      coalesce((array_agg(external_id order by external_id) filter (where not is_kept and external_id not like 'new:%'))[1:${sql.lit(MOST_EXAMPLES)}], '{}') as examples
    from (select r.external_id, (${kept}) as is_kept from ${sql.table(`customers.${type}`)} r
      where r.org_id = ${place.orgId}::uuid and r.integration_id = ${place.integrationId}::uuid and r.gone_at is null) as held`.execute(
    tx,
  )
  return rows[0] ?? { held: 0, staying: 0, examples: [] }
}
