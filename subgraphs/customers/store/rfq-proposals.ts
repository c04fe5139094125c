import { type RawBuilder, sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** Which requests are looked at: some, those of some customers, or all. */
export type Looked = { rfqIds: readonly string[] } | { customerIds: readonly string[] } | 'all'

/**
 * Requests under way that belong to no deal, each with the deal that it seems to belong to: the only open one of its customer, unless
 * somebody has taken it away from that.
 */
const proposed = (orgId: string, looked: Looked): RawBuilder<unknown> => sql`
  with waiting as (
    select r.id, i.customer_id from customers.rfqs r
    join customers.identities i on i.org_id = r.org_id and i.system = 'C3' and i.account_id = r.account_id and i.gone_at is null
    where r.org_id = ${orgId}::uuid and r.gone_at is null and r.status in ('OPEN', 'QUOTED') ${narrowed(looked)}
      and not exists (select from customers.rfq_deals x join customers.deals d on d.org_id = x.org_id and d.id = x.deal_id
        where x.org_id = r.org_id and x.rfq_id = r.id and x.state = 'LINKED' and d.gone_at is null)
  ), fitting as (
    select co.customer_id, min(d.id::text)::uuid as deal_id from customers.companies co
    join customers.deals d on d.org_id = co.org_id and d.integration_id = co.integration_id
      and d.company_external_id = co.external_id and d.is_open and d.gone_at is null
    where co.org_id = ${orgId}::uuid and co.customer_id in (select customer_id from waiting) and co.gone_at is null
    group by co.customer_id having count(distinct d.id) = 1
  ), proposed as (
    select w.id as rfq_id, f.deal_id from waiting w join fitting f using (customer_id)
    where not exists (select from customers.rfq_deals x where x.org_id = ${orgId}::uuid and x.rfq_id = w.id and x.deal_id = f.deal_id)
  )`

const narrowed = (looked: Looked): RawBuilder<unknown> => {
  if (looked === 'all') return sql``
  return 'rfqIds' in looked
    ? sql`and r.id = any(${looked.rfqIds}::uuid[])`
    : sql`and i.customer_id = any(${looked.customerIds}::uuid[])`
}

/** The deal that each of these requests seems to belong to: one statement. Requests that belong to one are absent. */
export const proposedDeals = async (
  tx: Transaction,
  orgId: string,
  rfqIds: readonly string[],
): Promise<Map<string, string>> => {
  const { rows } = await sql<{ rfq_id: string; deal_id: string }>`
    ${proposed(orgId, { rfqIds })} select rfq_id, deal_id from proposed`.execute(tx)
  return new Map(rows.map((row) => [row.rfq_id, row.deal_id]))
}

/** Links requests to the deals that they seem to belong to, where that is switched on: one statement. @returns those deals */
export const linkProposed = async (
  tx: Transaction,
  orgId: string,
  looked: Looked,
  at: Date,
): Promise<string[]> => {
  const { rows } = await sql<{ deal_id: string }>`
    ${proposed(orgId, looked)}
    insert into customers.rfq_deals (org_id, rfq_id, deal_id, state, linked_by, linked_at)
    select ${orgId}::uuid, p.rfq_id, p.deal_id, 'LINKED', 'AUTO', ${at}::timestamptz from proposed p
    join customers.deals d on d.org_id = ${orgId}::uuid and d.id = p.deal_id
    join customers.integrations n on n.id = d.integration_id and n.auto_link_rfqs and n.disconnected_at is null
    returning deal_id`.execute(tx)
  return rows.map((row) => row.deal_id)
}
