import { sql } from 'kysely'
import type { CountedPage } from '#service/connection.ts'
import type { RfqStatus } from '../domain/rfqs.ts'
import type { Transaction } from './transaction.ts'

/** A request that belongs to a deal, and how it came to. */
export interface RfqOfDealRow {
  id: string
  created_at: Date
  linked_by: 'PROPERTY' | 'MANUAL' | 'AUTO'
  linked_at: Date
}

/** Which requests of each deal. */
export interface RfqsPage {
  status: RfqStatus | null
  limit: number
  after: readonly (string | number | null)[] | null
}

/** The requests of a deal as the graph lists them: what they are is inventory's to say. */
export interface DealRfqConnectionRow extends Omit<CountedPage<{ id: string }>, 'edges'> {
  edges: { node: { id: string }; cursor: string; linkedBy: RfqOfDealRow['linked_by']; linkedAt: Date }[]
}

const from = (orgId: string, status: RfqStatus | null) => sql`
  customers.rfq_deals x join customers.rfqs r on r.org_id = x.org_id and r.id = x.rfq_id and r.gone_at is null
  where x.org_id = ${orgId}::uuid and x.state = 'LINKED' ${status === null ? sql`` : sql`and r.status = ${status}`}`

/** A page of the requests of each of many deals, newest first: one statement. */
export const pagesOfRfqs = async (
  tx: Transaction,
  orgId: string,
  dealIds: readonly string[],
  { status, limit, after }: RfqsPage,
): Promise<Map<string, RfqOfDealRow[]>> => {
  const [at = null, id = null] = after ?? []
  const { rows } = await sql<RfqOfDealRow & { deal_id: string }>`
    select k.id as deal_id, c.* from unnest(${dealIds}::uuid[]) as k(id)
    cross join lateral (
      select r.id, r.created_at, x.linked_by, x.linked_at from ${from(orgId, status)} and x.deal_id = k.id
        and (${at}::timestamptz is null or (r.created_at, r.id) < (${at}::timestamptz, ${id}::uuid))
      order by r.created_at desc, r.id desc limit ${limit}
    ) c order by c.created_at desc, c.id desc`.execute(tx)
  return Map.groupBy(rows, (row) => row.deal_id)
}

/** How many requests each of many deals has: one statement. */
export const countRfqsOfDeals = async (
  tx: Transaction,
  orgId: string,
  dealIds: readonly string[],
  status: RfqStatus | null,
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ deal_id: string; count: number }>`
    select x.deal_id, count(*)::int as count from ${from(orgId, status)} and x.deal_id = any(${dealIds}::uuid[])
    group by x.deal_id`.execute(tx)
  return new Map(rows.map((row) => [row.deal_id, row.count]))
}
