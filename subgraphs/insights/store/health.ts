import { sql } from 'kysely'
import type { Contribution, DimensionScore, Health, HealthMemory } from '../domain/health.ts'
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

/** How far a customer's score has come: what it is, and what it has yet to follow. */
export interface Standing {
  customerId: string
  /** The version of the customer's identity we know of. */
  identityVersion: number
  /** Whether facts, accounts, settings or the time have changed and the score has yet to follow. */
  isDirty: boolean
  /** Null when the customer has no score of its own. */
  health: HealthRow | null
}

/** The scores of these customers and how far they have come by now, one statement for all. */
export const standingOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
  now: Date,
): Promise<Standing[]> => {
  const rows = await tx
    .selectFrom('insights.customers as c')
    .leftJoin('insights.health as h', (join) =>
      join.onRef('h.org_id', '=', 'c.org_id').onRef('h.customer_id', '=', 'c.customer_id'),
    )
    .select(['c.customer_id as customerId', 'c.identity_version as knownVersion'])
    .select(
      sql<boolean>`c.dirty_since is not null or coalesce(c.due_at <= ${now}::timestamptz, false)`.as(
        'isDirty',
      ),
    )
    .select(['h.score', 'h.confidence', 'h.coverage', 'h.dimensions', 'h.contributions'])
    .select(['h.as_of as asOf', 'h.identity_version as identityVersion'])
    .where('c.org_id', '=', orgId)
    .where('c.customer_id', '=', sql<string>`any(${customerIds}::text[])`)
    .execute()
  return rows.map(({ knownVersion, isDirty, ...row }) => ({
    customerId: row.customerId,
    identityVersion: knownVersion,
    isDirty,
    health: row.asOf === null ? null : (shaped([row])[0] ?? null),
  }))
}

/** A score with whose it is, without what it is made up of. */
export type Scored = HealthMemory & { customerId: string }

/** The last scores of these customers without what each is made up of, one statement for all. */
export const lastScores = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, Scored>> => {
  const rows = await tx
    .selectFrom('insights.health')
    .select(['customer_id as customerId', 'score', 'confidence', 'dimensions', 'as_of as asOf'])
    .where('org_id', '=', orgId)
    .where('customer_id', '=', sql<string>`any(${customerIds}::text[])`)
    .execute()
  return new Map((rows as unknown as Scored[]).map((row) => [row.customerId, row]))
}

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

/** A page of scores, worst first, without a score last. Only rows behind `after`. */
export const worstFirst = async (
  tx: Transaction,
  orgId: string,
  page: { limit: number; after: { rank: number; customerId: string } | null },
): Promise<(HealthRow & { rank: number })[]> =>
  (await tx
    .selectFrom('insights.health')
    .select([...columns, 'rank'])
    .where('org_id', '=', orgId)
    .$if(page.after !== null, (q) =>
      q.where(
        sql<boolean>`(rank, customer_id) > (${page.after?.rank}::integer, ${page.after?.customerId}::text)`,
      ),
    )
    .orderBy('rank')
    .orderBy('customer_id')
    .limit(page.limit)
    .execute()) as unknown as (HealthRow & { rank: number })[]

/** A page of all scores by customer, those behind `after`; customers of whom nothing is known are left out. */
export const scoresAfter = async (
  tx: Transaction,
  orgId: string,
  after: string,
  limit: number,
): Promise<Scored[]> =>
  (await tx
    .selectFrom('insights.health')
    .select(['customer_id as customerId', 'score', 'confidence', 'dimensions', 'as_of as asOf'])
    .where('org_id', '=', orgId)
    .where('customer_id', '>', after)
    .where('score', 'is not', null)
    .orderBy('customer_id')
    .limit(limit)
    .execute()) as unknown as Scored[]

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
      select * from json_to_recordset(${rows}::json) as r(
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
