import { type RawBuilder, sql } from 'kysely'
import type { CountedPage } from '#service/connection.ts'
import type { JudgedOf } from '../domain/trust.ts'
import { exact, type InsightRow, insightColumns } from './insights.ts'
import type { Transaction } from './transaction.ts'

/** Which insights of a list. Null does not narrow. */
export interface InsightChoice {
  types: readonly string[] | null
  detectors: readonly string[] | null
  impacts: readonly string[] | null
  /** Null: what is open. */
  states: readonly string[] | null
  /** Confidence from the first on, and below the second. */
  from: number
  below: number
}

const OPEN = ['NEW', 'ACCEPTED']

const conditions = ({ types, detectors, impacts, states, from, below }: InsightChoice): RawBuilder<unknown> =>
  sql.join(
    [
      ...openness(states),
      ...(states === null ? [] : [sql`i.state = any(${states})`]),
      ...(types === null ? [] : [sql`i.type = any(${types})`]),
      ...(detectors === null ? [] : [sql`i.detector = any(${detectors})`]),
      ...(impacts === null ? [] : [sql`i.impact = any(${impacts})`]),
      ...(from > 0 ? [sql`i.confidence >= ${from}`] : []),
      ...(below <= 100 ? [sql`i.confidence < ${below}`] : []),
      sql`true`,
    ],
    sql` and `,
  )

/** Whether all of these states are open, or none; null when some are. */
export const isOpen = (states: InsightChoice['states']): boolean | null => {
  if (states === null) return true
  const open = states.filter((state) => OPEN.includes(state)).length
  return open === states.length ? true : open === 0 ? false : null
}

// Said as well as the states, since the indexes are by it.
const openness = (states: InsightChoice['states']): RawBuilder<unknown>[] => {
  const open = isOpen(states)
  return open === null ? [] : [open ? sql`i.is_open` : sql`not i.is_open`]
}

/** By what a list is ordered, the largest first, and what that is in the database. */
export const ORDERS = {
  NEWEST: { column: 'raised_at', type: 'timestamptz' },
  CONFIDENCE: { column: 'confidence', type: 'integer' },
  VALUE: { column: 'worth', type: 'integer' },
} as const
export type InsightOrder = keyof typeof ORDERS

/** A row with its place in a list. */
export type Placed = InsightRow & { place: string | number }

/** A page of insights, which counts the whole list only when somebody asks. */
export type InsightConnectionRow = CountedPage<InsightRow>

export interface InsightPage {
  choice: InsightChoice
  limit: number
  after: { place: string | number; insightId: string } | null
}

const placed = (rows: readonly (InsightRow & { placeOf: Date | number })[]): Placed[] =>
  rows.map(({ placeOf, ...row }) => ({
    ...exact(row),
    place: placeOf instanceof Date ? placeOf.toISOString() : placeOf,
  }))

const behind = (
  { column, type }: (typeof ORDERS)[InsightOrder],
  after: InsightPage['after'],
): RawBuilder<unknown> =>
  after === null
    ? sql`true`
    : sql`(i.${sql.raw(column)}, i.insight_id) < (${after.place}::${sql.raw(type)}, ${after.insightId}::uuid)`

/** A page of all insights in an order, the largest first. One walk along an index. */
export const listInsights = async (
  tx: Transaction,
  orgId: string,
  orderBy: InsightOrder,
  { choice, limit, after }: InsightPage,
): Promise<Placed[]> => {
  const order = ORDERS[orderBy]
  const column = sql.raw(`i.${order.column}`)
  const { rows } = await sql<InsightRow & { placeOf: Date | number }>`
    select ${insightColumns}, ${column} as "placeOf" from insights.insights i
    where i.org_id = ${orgId}::uuid and ${conditions(choice)} and ${behind(order, after)}
    order by ${column} desc, i.insight_id desc limit ${limit}`.execute(tx)
  return placed(rows)
}

/** How many there are in all. */
export const countInsights = async (
  tx: Transaction,
  orgId: string,
  choice: InsightChoice,
): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from insights.insights i where i.org_id = ${orgId}::uuid and ${conditions(choice)}`.execute(
    tx,
  )
  return rows[0]!.n
}

/** For each customer its page, newest first; one statement for all. */
export const insightPages = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
  { choice, limit, after }: InsightPage,
): Promise<Map<string, Placed[]>> => {
  const { rows } = await sql<InsightRow & { placeOf: Date }>`
    select x.* from unnest(${customerIds}::text[]) as p(customer_id), lateral (
      select ${insightColumns}, i.raised_at as "placeOf" from insights.insights i
      where i.org_id = ${orgId}::uuid and i.customer_id = p.customer_id and ${conditions(choice)}
        and ${behind(ORDERS.NEWEST, after)}
      order by i.raised_at desc, i.insight_id desc limit ${limit}
    ) x`.execute(tx)
  return Map.groupBy(placed(rows), ({ customerId }) => customerId!)
}

/** How many each customer has; one statement for all. */
export const countInsightsOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
  choice: InsightChoice,
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ customerId: string; n: number }>`
    select p.customer_id as "customerId", (select count(*)::int from insights.insights i
      where i.org_id = ${orgId}::uuid and i.customer_id = p.customer_id and ${conditions(choice)}) as n
    from unnest(${customerIds}::text[]) as p(customer_id)`.execute(tx)
  return new Map(rows.map(({ customerId, n }) => [customerId, n]))
}

/** How many insights there are of one rule, weight and state. */
export interface InsightCountRow {
  type: string
  detector: string
  impact: string
  state: string
  count: number
}

/** What is open and what has ended since, by rule, weight and state: one statement. */
export const insightCounts = async (
  tx: Transaction,
  orgId: string,
  endedSince: Date,
): Promise<InsightCountRow[]> => {
  const { rows } = await sql<InsightCountRow>`
    select type, detector, impact, state, count(*)::int as count from (
      select type, detector, impact, state from insights.insights where org_id = ${orgId}::uuid and is_open
      union all
      select type, detector, impact, state from insights.insights
      where org_id = ${orgId}::uuid and not is_open and decided_at >= ${endedSince}
    ) i group by 1, 2, 3, 4 order by 1, 2, 3, 4`.execute(tx)
  return rows
}

/** Of the judged insights about customers: how many there are of each confidence, and how many were right. One statement. */
export const judgedInsights = async (
  tx: Transaction,
  orgId: string,
): Promise<{ confidence: number; judged: number; right: number }[]> => {
  const { rows } = await sql<{ confidence: number; judged: number; right: number }>`
    select confidence, count(*)::int as judged,
      (count(*) filter (where state = 'ACCEPTED' or outcome in ('POSITIVE', 'NEUTRAL')))::int as right
    from insights.insights
    where org_id = ${orgId}::uuid and customer_id is not null
      and (state in ('ACCEPTED', 'DONE') or dismissed_for = 'WRONG')
    group by confidence order by confidence`.execute(tx)
  return rows
}

/** Of the judged insights about customers: how many there are of each version of a detector, and how many were right. One statement. */
export const judgedByDetector = async (tx: Transaction, orgId: string): Promise<JudgedOf[]> => {
  const { rows } = await sql<JudgedOf>`
    select detector, method_version as "methodVersion", count(*)::int as judged,
      (count(*) filter (where state = 'ACCEPTED' or outcome in ('POSITIVE', 'NEUTRAL')))::int as right
    from insights.insights
    where org_id = ${orgId}::uuid and customer_id is not null
      and (state in ('ACCEPTED', 'DONE') or dismissed_for = 'WRONG')
    group by 1, 2 order by 1, 2`.execute(tx)
  return rows
}

/** A page of customers about whom something was noticed, those behind `after`. */
export const noticedCustomers = async (
  tx: Transaction,
  orgId: string,
  after: string,
  limit: number,
): Promise<string[]> => {
  const { rows } = await sql<{ customerId: string }>`
    select distinct customer_id as "customerId" from insights.insights
    where org_id = ${orgId}::uuid and customer_id > ${after} order by 1 limit ${limit}`.execute(tx)
  return rows.map(({ customerId }) => customerId)
}
