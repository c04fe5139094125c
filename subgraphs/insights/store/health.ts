import { hash } from 'node:crypto'
import { sql } from 'kysely'
import type { Course, CourseMemory, Trend } from '../domain/course.ts'
import type { Contribution, DimensionScore, Health, HealthMemory } from '../domain/health.ts'
import { PAST_DAYS } from './former-facts.ts'
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
  slope: string | null
  trend: Trend | null
}

/** What is read of a kept score. */
export const healthColumns = [
  'customer_id as customerId',
  'score',
  'confidence',
  'coverage',
  'dimensions',
  'contributions',
  'as_of as asOf',
  'identity_version as identityVersion',
  'slope',
  'trend',
] as const

const shaped = (rows: readonly unknown[]): HealthRow[] => rows as HealthRow[]

/** How far a customer's score has come: what it is, and what it has yet to follow. */
export interface Standing {
  customerId: string
  /** The version of the customer's identity we know of. */
  identityVersion: number
  /** Whether facts, accounts or settings have changed and the score has yet to follow. */
  isDirty: boolean
  /** When the score has to follow the time. */
  dueAt: Date | null
  /** Null when the customer has no score of its own. */
  health: HealthRow | null
}

/** The scores of these customers and how far they have come, one statement for all. */
export const standingOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Standing[]> => {
  const rows = await tx
    .selectFrom('insights.customers as c')
    .leftJoin('insights.health as h', (join) =>
      join.onRef('h.org_id', '=', 'c.org_id').onRef('h.customer_id', '=', 'c.customer_id'),
    )
    .select(['c.customer_id as customerId', 'c.identity_version as knownVersion', 'c.due_at as dueAt'])
    .select(sql<boolean>`c.dirty_since is not null`.as('isDirty'))
    .select(['h.score', 'h.confidence', 'h.coverage', 'h.dimensions', 'h.contributions'])
    .select(['h.as_of as asOf', 'h.identity_version as identityVersion', 'h.slope', 'h.trend'])
    .where('c.org_id', '=', orgId)
    .where('c.customer_id', '=', sql<string>`any(${customerIds}::text[])`)
    .execute()
  return rows.map(({ knownVersion, isDirty, dueAt, ...row }) => ({
    customerId: row.customerId,
    identityVersion: knownVersion,
    isDirty,
    dueAt,
    health: row.asOf === null ? null : (shaped([row])[0] ?? null),
  }))
}

/** A score with whose it is, without what it is made up of. */
export type Scored = HealthMemory & CourseMemory & { customerId: string }

/** The last scores of these customers without what each is made up of, one statement for all. */
export const lastScores = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, Scored>> => {
  const rows = await tx
    .selectFrom('insights.health')
    .select([
      'customer_id as customerId',
      'score',
      'confidence',
      'dimensions',
      'as_of as asOf',
      'days',
      'slope',
      'trend',
      'fingerprint',
    ])
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
    .select(healthColumns)
    .where('org_id', '=', orgId)
    .where('customer_id', '=', customerId)
    .where('as_of', '=', asOf)
    .executeTakeFirst()
  return row ? (shaped([row])[0] ?? null) : null
}

/** The last score each of these customers came to have by a moment: one statement. Absent: none, or history no longer holds it. */
export const healthBy = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
  at: Date,
): Promise<Map<string, HealthRow>> => {
  const rows = await tx
    .selectFrom('insights.health_history')
    .distinctOn('customer_id')
    .select(healthColumns)
    .where('org_id', '=', orgId)
    .where('customer_id', '=', sql<string>`any(${customerIds}::text[])`)
    .where('as_of', '<=', at)
    .orderBy('customer_id')
    .orderBy('as_of', 'desc')
    .execute()
  return new Map(shaped(rows).map((row) => [row.customerId, row]))
}

/** A page of a customer's scores within a time, oldest first. Only rows behind `after`. */
export const healthSteps = async (
  tx: Transaction,
  orgId: string,
  customerId: string,
  { from, to, after, limit }: { from: Date; to: Date; after: Date | null; limit: number },
): Promise<HealthRow[]> =>
  shaped(
    await tx
      .selectFrom('insights.health_history')
      .select(healthColumns)
      .where('org_id', '=', orgId)
      .where('customer_id', '=', customerId)
      .where('as_of', '>=', from)
      .where('as_of', '<=', to)
      .$if(after !== null, (q) => q.where('as_of', '>', after))
      .orderBy('as_of')
      .limit(limit)
      .execute(),
  )

/** A page of all scores by customer, those behind `after`; customers of whom nothing is known are left out. */
export const scoresAfter = async (
  tx: Transaction,
  orgId: string,
  after: string,
  limit: number,
): Promise<Scored[]> =>
  (await tx
    .selectFrom('insights.health')
    .select([
      'customer_id as customerId',
      'score',
      'confidence',
      'dimensions',
      'as_of as asOf',
      'days',
      'slope',
      'trend',
      'fingerprint',
    ])
    .where('org_id', '=', orgId)
    .where('customer_id', '>', after)
    .where('score', 'is not', null)
    .orderBy('customer_id')
    .limit(limit)
    .execute()) as unknown as Scored[]

/** A score to keep, and the fingerprint of the one that is kept. */
export interface NewScore {
  customerId: string
  identityVersion: number
  health: Health & Course
  moved: boolean
  last: string | null
}

/**
 * Writes scores in one statement, with history where they moved. Of one that is the same as before only the moment is written: most are,
 * and what explains a score is large.
 */
export const saveHealth = async (
  tx: Transaction,
  orgId: string,
  scored: readonly NewScore[],
): Promise<void> => {
  if (scored.length === 0) return
  const rows = JSON.stringify(
    scored.map(({ customerId, identityVersion, health, moved, last }) => {
      const { score, confidence, coverage, dimensions, contributions, days, slope, trend, asOf } = health
      const kept = { score, confidence, coverage, dimensions, contributions, days, slope, trend }
      const fingerprint = hash('md5', JSON.stringify(kept))
      const place = { customer_id: customerId, as_of: asOf, identity_version: identityVersion }
      return fingerprint === last && !moved
        ? { ...place, same: true }
        : { ...place, ...kept, fingerprint, moved, same: false, is_first: last === null }
    }),
  )
  await sql`
    with r as (
      select * from json_to_recordset(${rows}::json) as r(
        customer_id text, score numeric, confidence numeric, coverage numeric, dimensions jsonb, contributions jsonb,
        as_of timestamptz, identity_version int, days json, slope numeric, trend text, moved boolean, fingerprint text, same boolean, is_first boolean)
    ), kept as (
      insert into insights.health_history
        (org_id, customer_id, as_of, score, confidence, coverage, dimensions, contributions, identity_version, slope, trend)
      select ${orgId}::uuid, r.customer_id, r.as_of, r.score, r.confidence, r.coverage, r.dimensions, r.contributions,
        r.identity_version, r.slope, r.trend
      from r where r.moved
        -- Of whom nothing is known when it comes back, nothing was moved by that: history would go on with what it was before.
        or (r.is_first and r.score is null and exists (
          select from insights.health_history k where k.org_id = ${orgId}::uuid and k.customer_id = r.customer_id))
      on conflict (org_id, customer_id, as_of) do update set
        score = excluded.score, confidence = excluded.confidence, coverage = excluded.coverage,
        dimensions = excluded.dimensions, contributions = excluded.contributions,
        identity_version = excluded.identity_version, slope = excluded.slope, trend = excluded.trend
    ), forgotten as (
      delete from insights.health_history k using r
      where k.org_id = ${orgId}::uuid and k.customer_id = r.customer_id and r.moved
        and k.customer_id = any(${scored.map((one) => one.customerId)}::text[])
        and k.as_of < r.as_of - ${PAST_DAYS} * interval '1 day'
    ), unmoved as (
      update insights.health h set as_of = r.as_of, identity_version = r.identity_version
      from r where r.same and h.org_id = ${orgId}::uuid and h.customer_id = r.customer_id
        and h.customer_id = any(${scored.map((one) => one.customerId)}::text[])
    )
    insert into insights.health
      (org_id, customer_id, score, confidence, coverage, dimensions, contributions, as_of, identity_version, days, slope, trend, fingerprint)
    select ${orgId}::uuid, r.customer_id, r.score, r.confidence, r.coverage, r.dimensions, r.contributions, r.as_of,
      r.identity_version, r.days, r.slope, r.trend, r.fingerprint
    from r where not r.same
    on conflict (org_id, customer_id) do update set
      score = excluded.score, confidence = excluded.confidence, coverage = excluded.coverage,
      dimensions = excluded.dimensions, contributions = excluded.contributions, as_of = excluded.as_of,
      identity_version = excluded.identity_version, days = excluded.days, slope = excluded.slope, trend = excluded.trend,
      fingerprint = excluded.fingerprint`.execute(tx)
}

/** Takes scores out of where customers' scores are going: those that rested on accounts which were taken apart. One statement; none for nothing. */
export const undoScores = async (
  tx: Transaction,
  orgId: string,
  undone: readonly { customerId: string; since: Date }[],
): Promise<void> => {
  if (undone.length === 0) return
  await sql`
    update insights.health_history k set is_undone = true
    from json_to_recordset(${JSON.stringify(undone)}::json) as r("customerId" text, since timestamptz)
    where k.org_id = ${orgId}::uuid and k.customer_id = r."customerId" and k.as_of > r.since and not k.is_undone
      and k.customer_id = any(${undone.map(({ customerId }) => customerId)}::text[])`.execute(tx)
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
