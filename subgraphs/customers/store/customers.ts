import { type RawBuilder, sql } from 'kysely'
import type { CompanyKind } from '../domain/company-kinds.ts'
import type { Transaction } from './transaction.ts'

/** A customer as the graph shows it; what its leading HubSpot record says beyond this is loaded beside it. */
export interface CustomerRow {
  id: string
  name: string
  domain: string | null
  industry: string | null
  lifecycle_stage: string | null
  owner_id: string | null
  lead_company_id: string | null
  identity_version: number
  created_at: Date
  updated_at: Date
  name_key: string
  health_rank: number
  churn_rank: number
  lead_rank: number
  mrr_rank: number
  month_spend_rank: number
  open_deals_rank: number
  open_rfqs_rank: number
  /** As text: of whom nothing is known, `-infinity`. */
  last_activity_key: string
  kind: CompanyKind
  /** Set when it was asked for by the id of a customer that was merged into it. */
  merged_into: string | null
}

const COLUMNS = sql`c.id, c.name, c.domain, c.industry, c.lifecycle_stage, c.owner_id, c.lead_company_id, c.identity_version,
  c.created_at, c.updated_at, c.name_key, c.health_rank, c.churn_rank, c.lead_rank,
  c.mrr_rank, c.month_spend_rank, c.open_deals_rank, c.open_rfqs_rank, c.last_activity_key::text, c.kind`

/** Customers by id: one statement. The id of a merged customer answers the one it was merged into. */
export const customersById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, CustomerRow>> => {
  const { rows } = await sql<CustomerRow & { asked: string }>`
    with recursive chain as (
      select c.id as asked, c.id, c.merged_into, 0 as depth from customers.customers c
      where c.org_id = ${orgId}::uuid and c.id = any(${ids}::uuid[])
      union all
      select chain.asked, c.id, c.merged_into, chain.depth + 1 from chain join customers.customers c on c.id = chain.merged_into
      where c.org_id = ${orgId}::uuid and chain.depth < 20
    )
    select chain.asked, case when chain.asked <> c.id then c.id end as merged_into, ${COLUMNS}
    from chain join customers.customers c on c.id = chain.id
    where chain.merged_into is null and c.gone_at is null and c.org_id = ${orgId}::uuid`.execute(tx)
  return new Map(rows.map(({ asked, ...row }) => [asked, row]))
}

export interface CustomerFilter {
  text?: string | null
  system?: 'HUBSPOT' | 'C3' | 'WARP' | null
  lifecycleStage?: string | null
  industry?: string | null
  ownerId?: string | null
  kinds?: readonly CompanyKind[] | null
  healthBelow?: number | null
  health?: ScoreRange | null
  churnRisk?: ScoreRange | null
  leadScore?: ScoreRange | null
  mrr?: AmountRange | null
  monthSpend?: AmountRange | null
  openDeals?: AmountRange | null
  openRfqs?: CountRange | null
  lastActivity?: MomentRange | null
}

/** Decimals, as text. */
interface ScoreRange {
  atLeast?: string | null
  below?: string | null
}

/** Amounts as text. */
interface AmountRange extends ScoreRange {
  currency: string
}

interface CountRange {
  atLeast?: number | null
  below?: number | null
}

interface MomentRange {
  since?: Date | null
  before?: Date | null
}

export type CustomerOrder =
  | 'NAME'
  | 'HEALTH'
  | 'CHURN_RISK'
  | 'LEAD_SCORE'
  | 'RECENTLY_CHANGED'
  | 'MRR'
  | 'MONTH_SPEND'
  | 'OPEN_DEALS'
  | 'OPEN_RFQS'
  | 'LAST_ACTIVITY'

/** Most customers that a text search looks at: a word that fits more is not a search. */
const MOST_MATCHES = 5000

const NO_SCORE = 10_000_000

/** Hundredths, as ranks count them; beyond any score where the number is no score. */
const hundredths = (score: string): number => Math.round(Math.max(-1, Math.min(Number(score), 10_000)) * 100)

/** @param rank a column that rises with the score (1) or falls with it (-1), and is greatest for who has none */
const inRange = (
  rank: RawBuilder<unknown>,
  sign: 1 | -1,
  range: ScoreRange | null | undefined,
): RawBuilder<unknown>[] => {
  if (!range) return []
  const { atLeast, below } = range
  const bounds = [sql`${rank} < ${NO_SCORE}`]
  if (typeof atLeast === 'string') {
    const bound = sign * hundredths(atLeast)
    bounds.push(sign > 0 ? sql`${rank} >= ${bound}` : sql`${rank} <= ${bound}`)
  }
  if (typeof below === 'string') {
    const bound = sign * hundredths(below)
    bounds.push(sign > 0 ? sql`${rank} < ${bound}` : sql`${rank} > ${bound}`)
  }
  return bounds
}

/** Beyond any amount; what a rank has for who has none. */
const NO_AMOUNT = 9_000_000_000_000_000

/** Hundredths of an amount, as ranks count them: highest first. */
const rankOf = (amount: string): number => -Math.round(Math.max(-1e13, Math.min(Number(amount), 1e13)) * 100)

const inAmounts = (
  name: 'mrr' | 'month_spend' | 'open_deals',
  range: AmountRange | null | undefined,
): RawBuilder<unknown>[] => {
  if (!range) return []
  const rank = sql.ref(`c.${name}_rank`)
  return [
    sql`${rank} < ${NO_AMOUNT}::bigint and ${sql.ref(`c.${name}_currency`)} = ${range.currency.toUpperCase()}`,
    ...(range.atLeast ? [sql`${rank} <= ${rankOf(range.atLeast)}::bigint`] : []),
    ...(range.below ? [sql`${rank} > ${rankOf(range.below)}::bigint`] : []),
  ]
}

/** Beyond any count; what a rank has for who has none. */
const MOST_COUNTED = 1_000_000_000

const inCounts = (range: CountRange | null | undefined): RawBuilder<unknown>[] => {
  if (!range) return []
  const { atLeast, below } = range
  const rank = (count: number): number => -Math.max(-1, Math.min(count, MOST_COUNTED))
  return [
    sql`c.open_rfqs_rank < ${MOST_COUNTED}::integer`,
    ...(atLeast == null ? [] : [sql`c.open_rfqs_rank <= ${rank(atLeast)}::integer`]),
    ...(below == null ? [] : [sql`c.open_rfqs_rank > ${rank(below)}::integer`]),
  ]
}

const inSpan = (range: MomentRange | null | undefined): RawBuilder<unknown>[] => {
  if (!range) return []
  const { since, before } = range
  return [
    sql`c.last_activity_key > '-infinity'`,
    ...(since ? [sql`c.last_activity_key >= ${since}::timestamptz`] : []),
    ...(before ? [sql`c.last_activity_key < ${before}::timestamptz`] : []),
  ]
}

const conditions = (orgId: string, filter: CustomerFilter): RawBuilder<unknown> => {
  const all = [sql`c.org_id = ${orgId}::uuid and c.merged_into is null and c.gone_at is null`]
  const text = filter.text?.trim()
  if (text) all.push(sql`c.id in (select customers.matching(${text}, ${MOST_MATCHES}))`)
  if (filter.lifecycleStage) all.push(sql`c.lifecycle_stage = ${filter.lifecycleStage}`)
  if (filter.industry) all.push(sql`c.industry = ${filter.industry}`)
  if (filter.kinds) all.push(sql`c.kind = any(${filter.kinds}::text[])`)
  if (filter.ownerId) all.push(sql`c.owner_id = ${filter.ownerId}::uuid`)
  if (filter.healthBelow !== null && filter.healthBelow !== undefined)
    all.push(sql`c.health_rank < ${Math.min(filter.healthBelow, 10_000) * 100}`)
  all.push(
    ...inRange(sql`c.health_rank`, 1, filter.health),
    ...inRange(sql`c.churn_rank`, -1, filter.churnRisk),
    ...inRange(sql`c.lead_rank`, -1, filter.leadScore),
    ...inAmounts('mrr', filter.mrr),
    ...inAmounts('month_spend', filter.monthSpend),
    ...inAmounts('open_deals', filter.openDeals),
    ...inCounts(filter.openRfqs),
    ...inSpan(filter.lastActivity),
  )
  if (filter.system)
    all.push(sql`exists (select from customers.identities i where i.org_id = c.org_id and i.customer_id = c.id
      and i.system = ${filter.system} and i.gone_at is null)`)
  return sql.join(all, sql` and `)
}

type Place = readonly (string | number | null)[]

interface Order {
  by: RawBuilder<unknown>
  behind(place: Place): RawBuilder<unknown>
  place(row: CustomerRow): Place
}

type Rank =
  | 'health_rank'
  | 'churn_rank'
  | 'lead_rank'
  | 'mrr_rank'
  | 'month_spend_rank'
  | 'open_deals_rank'
  | 'open_rfqs_rank'

const byRank = (column: Rank, type = sql`integer`): Order => {
  const rank = sql.ref(`c.${column}`)
  return {
    by: sql`${rank}, c.id`,
    behind: ([at, id]) => sql`(${rank}, c.id) > (${at}::${type}, ${id}::uuid)`,
    place: (row) => [row[column], row.id],
  }
}

const ORDERS: Record<CustomerOrder, Order> = {
  NAME: {
    by: sql`c.name_key, c.id`,
    behind: ([key, id]) => sql`(c.name_key, c.id) > (${key}, ${id}::uuid)`,
    place: (row) => [row.name_key, row.id],
  },
  HEALTH: byRank('health_rank'),
  CHURN_RISK: byRank('churn_rank'),
  LEAD_SCORE: byRank('lead_rank'),
  MRR: byRank('mrr_rank', sql`bigint`),
  MONTH_SPEND: byRank('month_spend_rank', sql`bigint`),
  OPEN_DEALS: byRank('open_deals_rank', sql`bigint`),
  OPEN_RFQS: byRank('open_rfqs_rank'),
  LAST_ACTIVITY: {
    by: sql`c.last_activity_key desc, c.id desc`,
    behind: ([at, id]) => sql`(c.last_activity_key, c.id) < (${at}::timestamptz, ${id}::uuid)`,
    place: (row) => [row.last_activity_key, row.id],
  },
  RECENTLY_CHANGED: {
    by: sql`c.updated_at desc, c.id desc`,
    behind: ([at, id]) => sql`(c.updated_at, c.id) < (${at}::timestamptz, ${id}::uuid)`,
    place: (row) => [row.updated_at.toISOString(), row.id],
  },
}

/** How many values a place in a list of this order has. */
export const PLACE_LENGTH = 2

/** A customer's place in a list. */
export const placeOf = (order: CustomerOrder, row: CustomerRow): Place => ORDERS[order].place(row)

/** A page of customers: one statement over an index of the order. */
export const listCustomers = async (
  tx: Transaction,
  orgId: string,
  asked: { filter: CustomerFilter; order: CustomerOrder; limit: number; after: Place | null },
): Promise<CustomerRow[]> => {
  const order = ORDERS[asked.order]
  const { rows } = await sql<CustomerRow>`
    select ${COLUMNS}, null as merged_into from customers.customers c
    where ${conditions(orgId, asked.filter)} ${asked.after ? sql`and ${order.behind(asked.after)}` : sql``}
    order by ${order.by} limit ${asked.limit}`.execute(tx)
  return rows
}

/** How many customers a filter leaves. */
export const countCustomers = async (
  tx: Transaction,
  orgId: string,
  filter: CustomerFilter,
): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from customers.customers c where ${conditions(orgId, filter)}`.execute(tx)
  return rows[0]?.count ?? 0
}
