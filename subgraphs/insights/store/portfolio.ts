import { type RawBuilder, sql } from 'kysely'
import {
  bandNames,
  bandsFrom,
  type HealthBand,
  type HealthDistribution,
  type RankFilter,
} from '../domain/portfolio.ts'
import { type HealthRow, healthColumns } from './health.ts'
import type { Transaction } from './transaction.ts'

/** A score with its place in the list. */
export type RankedRow = HealthRow & { rank: number }

/** A page of scores, worst first, without a score last. Only rows behind `after`. */
export const worstFirst = async (
  tx: Transaction,
  orgId: string,
  filter: RankFilter,
  page: { limit: number; after: { rank: number; customerId: string } | null },
): Promise<RankedRow[]> =>
  (await tx
    .selectFrom('insights.health')
    .select([...healthColumns, 'rank'])
    .where('org_id', '=', orgId)
    .where(fits(filter))
    .$if(page.after !== null, (q) =>
      q.where(
        sql<boolean>`(rank, customer_id) > (${page.after?.rank}::integer, ${page.after?.customerId}::text)`,
      ),
    )
    .orderBy('rank')
    .orderBy('customer_id')
    .limit(page.limit)
    .execute()) as unknown as RankedRow[]

/** How many customers fit. */
export const countHealth = async (tx: Transaction, orgId: string, filter: RankFilter): Promise<number> =>
  (
    await tx
      .selectFrom('insights.health')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .where('org_id', '=', orgId)
      .where(fits(filter))
      .executeTakeFirstOrThrow()
  ).n

const fits = ({ from, to, trend }: RankFilter) => {
  const all = [
    ...(from === null ? [] : [sql`rank >= ${from}::integer`]),
    ...(to === null ? [] : [sql`rank <= ${to}::integer`]),
    ...(trend === null ? [] : [sql`trend = ${trend}`]),
  ]
  return all.length > 0 ? sql<boolean>`${sql.join(all, sql` and `)}` : sql<boolean>`true`
}

const TENS = Array.from({ length: 10 }, (_, ten) => ten)

/** How the scores of an organisation are spread: one statement, one walk along the index of ranks. */
export const healthDistribution = async (tx: Transaction, orgId: string): Promise<HealthDistribution> => {
  const { THRIVING, STEADY, SHAKY } = bandsFrom
  const { rows } = await sql<HealthDistribution & Record<HealthBand, number>>`
    select count(score)::int as scored, (count(*) - count(score))::int as unscored,
      round(avg(score), 2)::text as mean,
      round((percentile_cont(0.5) within group (order by score::double precision))::numeric, 2)::text as median,
      count(*) filter (where score >= ${THRIVING})::int as "THRIVING",
      count(*) filter (where score >= ${STEADY} and score < ${THRIVING})::int as "STEADY",
      count(*) filter (where score >= ${SHAKY} and score < ${STEADY})::int as "SHAKY",
      count(*) filter (where score < ${SHAKY})::int as "POOR",
      array[${sql.join(TENS.map((ten) => sql`(count(score) filter (where least(rank / 1000, 9) = ${sql.lit(ten)}))::int`))}] as tens,
      count(*) filter (where trend = 'RISING')::int as rising,
      count(*) filter (where trend = 'STEADY')::int as steady,
      count(*) filter (where trend = 'FALLING')::int as falling
    from insights.health where org_id = ${orgId}::uuid`.execute(tx)
  const row = rows[0]!
  return { ...row, bands: bandNames.map((band) => ({ band, customers: row[band] })) }
}

/** Customers that are judged and where each goes, the same at every asking: in an order that has nothing to do with them. */
export const sampleOfHealth = async (
  tx: Transaction,
  orgId: string,
  limit: number,
): Promise<{ customerId: string; slope: string | null }[]> => {
  const { rows } = await sql<{ customerId: string; slope: string | null }>`
    select customer_id as "customerId", slope from insights.health
    where org_id = ${orgId}::uuid order by md5(customer_id), customer_id limit ${limit}`.execute(tx)
  return rows
}

/** A customer whose score has moved. */
export interface MoverRow {
  customerId: string
  from: string
  to: string
  points: string
}

/** Customers whose scores have moved most since a moment: one statement, with a look at the history of each that was told of since. */
export const movers = async (
  tx: Transaction,
  orgId: string,
  { since, limit }: { since: Date; limit: number },
): Promise<MoverRow[]> => {
  const { rows } = await sql<MoverRow>`
    with moved as materialized (
      select distinct k.customer_id from insights.health_history k where k.org_id = ${orgId}::uuid and k.as_of > ${since}::timestamptz
    )
    select h.customer_id as "customerId", b.score as "from", h.score as "to", (h.score - b.score)::text as points
    from moved join insights.health h on h.org_id = ${orgId}::uuid and h.customer_id = moved.customer_id
    cross join lateral (
      select k.score from insights.health_history k
      where k.org_id = ${orgId}::uuid and k.customer_id = h.customer_id and k.as_of <= ${since}::timestamptz
      order by k.as_of desc limit 1
    ) b
    where h.score <> b.score
    order by abs(h.score - b.score) desc, h.customer_id limit ${limit}`.execute(tx)
  return rows
}

/** How all customers were doing in a month. */
export interface HealthMonthRow {
  month: string
  scored: number
  mean: string | null
  risen: number
  fallen: number
  new: number
}

/** Points that are no movement from one end of a month to the other. */
const STILL = 3

/**
 * How all customers were doing, month by month: what was counted at their ends, and the others counted now, with a look at the history of each
 * customer for each of them. One statement.
 */
export const healthMonths = async (
  tx: Transaction,
  orgId: string,
  { from, to }: { from: string; to: string },
): Promise<HealthMonthRow[]> => {
  const { rows } = await sql<HealthMonthRow>`
    with months as (
      select to_char(m, 'YYYY-MM') as month, m + interval '1 month' as ends
      from generate_series(${`${from}-01`}::timestamp, ${`${to}-01`}::timestamp, interval '1 month') m
    ), held as materialized (
      select month, scored, mean::text as mean, risen, fallen, new from insights.health_months
      where org_id = ${orgId}::uuid and month >= ${from} and month <= ${to}
    ), counted as (
      select * from months where month not in (select month from held)
    )
    select * from held
    union all
    select counted.month, n.* from counted cross join lateral (${countedAt(orgId)}) n
    order by month`.execute(tx)
  return rows
}

/** Keeps how the months were doing that have ended and are not kept yet, the last `most` of them. One statement. */
export const keepHealthMonths = async (
  tx: Transaction,
  orgId: string,
  at: Date,
  most: number,
): Promise<void> => {
  const now = `${at.toISOString().slice(0, 7)}-01`
  await sql`
    with counted as materialized (
      select to_char(m, 'YYYY-MM') as month, m + interval '1 month' as ends
      from generate_series(${now}::timestamp - ${most} * interval '1 month', ${now}::timestamp - interval '1 month', interval '1 month') m
      where to_char(m, 'YYYY-MM') not in (select month from insights.health_months where org_id = ${orgId}::uuid)
    )
    insert into insights.health_months (org_id, month, scored, mean, risen, fallen, new)
    select ${orgId}::uuid, counted.month, n.scored, n.mean::numeric, n.risen, n.fallen, n.new
    from counted cross join lateral (${countedAt(orgId)}) n
    on conflict do nothing`.execute(tx)
}

/** How the customers that there are now stood when the month `counted` ended, and when it began. */
const countedAt = (orgId: string) => sql`
  select count(b.score)::int as scored, round(avg(b.score), 2)::text as mean,
    count(*) filter (where b.score - a.score >= ${STILL})::int as risen,
    count(*) filter (where a.score - b.score >= ${STILL})::int as fallen,
    count(*) filter (where b.score is not null and a.score is null)::int as new
  from insights.health h
  left join lateral (${stoodBefore(orgId, sql`counted.ends at time zone 'UTC'`)}) b on true
  left join lateral (${stoodBefore(orgId, sql`(counted.ends - interval '1 month') at time zone 'UTC'`)}) a on true
  where h.org_id = ${orgId}::uuid`

const stoodBefore = (orgId: string, at: RawBuilder<unknown>) => sql`
  select k.score from insights.health_history k
  where k.org_id = ${orgId}::uuid and k.customer_id = h.customer_id and k.as_of < ${at}
  order by k.as_of desc limit 1`
