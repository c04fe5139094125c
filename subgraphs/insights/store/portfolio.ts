import { sql } from 'kysely'
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

/** How the scores of an organisation are spread: one statement, over all scores. */
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
      (select array_agg(coalesce(t.customers, 0) order by n) from generate_series(0, 9) n left join (
        select least(rank / 1000, 9) as ten, count(*)::int as customers from insights.health
        where org_id = ${orgId}::uuid and score is not null group by 1
      ) t on t.ten = n) as tens,
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

/** Customers whose scores have moved most since a moment: one statement, with a look at the history of each. */
export const movers = async (
  tx: Transaction,
  orgId: string,
  { since, limit }: { since: Date; limit: number },
): Promise<MoverRow[]> => {
  const { rows } = await sql<MoverRow>`
    select h.customer_id as "customerId", b.score as "from", h.score as "to", (h.score - b.score)::text as points
    from insights.health h cross join lateral (
      select k.score from insights.health_history k
      where k.org_id = ${orgId}::uuid and k.customer_id = h.customer_id and k.as_of <= ${since}
      order by k.as_of desc limit 1
    ) b
    where h.org_id = ${orgId}::uuid and h.score <> b.score
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

/** How the customers that there are now were doing, month by month: one statement, with a look at the history of each for each month. */
export const healthMonths = async (
  tx: Transaction,
  orgId: string,
  { from, to }: { from: string; to: string },
): Promise<HealthMonthRow[]> => {
  const { rows } = await sql<HealthMonthRow>`
    with ends as (
      select (m at time zone 'UTC') as at, to_char(m - interval '1 month', 'YYYY-MM') as month
      from generate_series(${`${from}-01`}::timestamp, ${`${to}-01`}::timestamp + interval '1 month', interval '1 month') m
    ), stood as (
      select h.customer_id, ends.month, ends.at, b.score,
        lag(b.score) over (partition by h.customer_id order by ends.at) as before
      from insights.health h cross join ends left join lateral (
        select k.score from insights.health_history k
        where k.org_id = ${orgId}::uuid and k.customer_id = h.customer_id and k.as_of < ends.at
        order by k.as_of desc limit 1
      ) b on true
      where h.org_id = ${orgId}::uuid
    )
    select ends.month, count(s.score)::int as scored, round(avg(s.score), 2)::text as mean,
      count(*) filter (where s.score - s.before >= ${STILL})::int as risen,
      count(*) filter (where s.before - s.score >= ${STILL})::int as fallen,
      count(*) filter (where s.score is not null and s.before is null)::int as new
    from ends left join stood s on s.month = ends.month
    where ends.month >= ${from} group by ends.month order by ends.month`.execute(tx)
  return rows
}
