import { sql } from 'kysely'
import type { Contribution, DimensionScore, Health } from '../domain/health.ts'
import type { Transaction } from './transaction.ts'

/** A score as it is kept. */
export interface HealthRow {
  customerId: string
  score: string | null
  confidence: string
  coverage: string
  dimensions: DimensionScore[]
  contributions: Contribution[]
  asOf: Date
  identityVersion: number
}

const columns = [
  'customer_id as customerId',
  'score',
  'confidence',
  'coverage',
  'dimensions',
  'contributions',
  'as_of as asOf',
  'identity_version as identityVersion',
] as const

const shaped = (rows: readonly unknown[]): HealthRow[] => rows as HealthRow[]

/** The scores of these customers, one statement for all. */
export const healthOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<HealthRow[]> =>
  shaped(
    await tx
      .selectFrom('insights.health')
      .select(columns)
      .where('org_id', '=', orgId)
      .where('customer_id', '=', sql<string>`any(${customerIds}::text[])`)
      .execute(),
  )

/** The score a customer had at exactly this moment of scoring; null when history no longer holds it. */
export const healthThen = async (
  tx: Transaction,
  orgId: string,
  customerId: string,
  asOf: Date,
): Promise<HealthRow | null> => {
  const row = await tx
    .selectFrom('insights.health_history')
    .select(columns)
    .where('org_id', '=', orgId)
    .where('customer_id', '=', customerId)
    .where('as_of', '=', asOf)
    .executeTakeFirst()
  return row ? (shaped([row])[0] ?? null) : null
}

/** A page of scores, worst first, without a score last. `after` is (rank, customer id). */
export const worstFirst = async (
  tx: Transaction,
  orgId: string,
  page: { limit: number; after: [rank: string, customerId: string] | null },
): Promise<(HealthRow & { rank: string })[]> =>
  (await tx
    .selectFrom('insights.health')
    .select([...columns, 'rank'])
    .where('org_id', '=', orgId)
    .$if(page.after !== null, (q) =>
      q.where(sql<boolean>`(rank, customer_id) > (${page.after?.[0]}::numeric, ${page.after?.[1]}::text)`),
    )
    .orderBy('rank')
    .orderBy('customer_id')
    .limit(page.limit)
    .execute()) as unknown as (HealthRow & { rank: string })[]

/** How many customers have a row. */
export const countHealth = async (tx: Transaction, orgId: string): Promise<number> =>
  (
    await tx
      .selectFrom('insights.health')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .where('org_id', '=', orgId)
      .executeTakeFirstOrThrow()
  ).n

/** Writes scores in one statement, and history where the score or its confidence moved in another. */
export const saveHealth = async (
  tx: Transaction,
  orgId: string,
  scored: readonly { customerId: string; identityVersion: number; health: Health; moved: boolean }[],
): Promise<void> => {
  if (scored.length === 0) return
  const rows = JSON.stringify(
    scored.map(({ customerId, identityVersion, health, moved }) => ({
      customer_id: customerId,
      score: health.score,
      confidence: health.confidence,
      coverage: health.coverage,
      dimensions: health.dimensions,
      contributions: health.contributions,
      as_of: health.asOf,
      identity_version: identityVersion,
      moved,
    })),
  )
  await sql`
    with r as (
      select * from jsonb_to_recordset(${rows}::jsonb) as r(
        customer_id text, score numeric, confidence numeric, coverage numeric, dimensions jsonb, contributions jsonb,
        as_of timestamptz, identity_version int, moved boolean)
    ), kept as (
      insert into insights.health_history
        (org_id, customer_id, as_of, score, confidence, coverage, dimensions, contributions, identity_version)
      select ${orgId}::uuid, r.customer_id, r.as_of, r.score, r.confidence, r.coverage, r.dimensions, r.contributions,
        r.identity_version
      from r where r.moved
      on conflict (org_id, customer_id, as_of) do update set
        score = excluded.score, confidence = excluded.confidence, coverage = excluded.coverage,
        dimensions = excluded.dimensions, contributions = excluded.contributions,
        identity_version = excluded.identity_version
    )
    insert into insights.health
      (org_id, customer_id, score, confidence, coverage, dimensions, contributions, as_of, identity_version)
    select ${orgId}::uuid, r.customer_id, r.score, r.confidence, r.coverage, r.dimensions, r.contributions, r.as_of,
      r.identity_version
    from r
    on conflict (org_id, customer_id) do update set
      score = excluded.score, confidence = excluded.confidence, coverage = excluded.coverage,
      dimensions = excluded.dimensions, contributions = excluded.contributions, as_of = excluded.as_of,
      identity_version = excluded.identity_version`.execute(tx)
}

/** Forgets the scores of customers that no longer stand for themselves. */
export const dropHealth = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<void> => {
  if (customerIds.length === 0) return
  await tx
    .deleteFrom('insights.health')
    .where('org_id', '=', orgId)
    .where('customer_id', '=', sql<string>`any(${customerIds}::text[])`)
    .execute()
}
