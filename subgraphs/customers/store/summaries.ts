import { type RawBuilder, sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A sum of amounts in the one currency that they all are in; null for both where there are none, or several currencies. */
const inOneCurrency = (rows: RawBuilder<unknown>) => sql`
  select case when count(distinct s.currency) = 1 then sum(s.amount) end as amount,
    case when count(distinct s.currency) = 1 then min(s.currency) end as currency
  from (${rows}) s`

/** The live accounts that a customer has in a system. */
const accounts = (system: string) => sql`customers.identities i
  where i.org_id = c.org_id and i.customer_id = c.id and i.system = ${system} and i.gone_at is null`

/** A closed account brings nothing; one of which nobody told what it brings is left out. */
const MRR = sql`
  select t.state ->> 'currency' as currency, case when t.state ->> 'status' = 'CHURNED' then 0 else (t.state ->> 'mrr')::numeric end as amount
  from customers.timeline_told t
  where t.org_id = c.org_id and t.subject = 'ACCOUNT' and t.state ->> 'mrr' is not null
    and t.id in (select i.account_id from ${accounts('WARP')})`

/** Of each account the newest day that was told, of those the ones of the newest month. */
const MONTH_SPEND = sql`
  select n.currency, n.month_spend as amount from (
    select u.currency, u.month_spend, date_trunc('month', u.day) as month, max(date_trunc('month', u.day)) over () as newest
    from (select i.account_id as ban from ${accounts('WARP')}) a cross join lateral (
      select u.currency, u.month_spend, u.day from customers.usage_days u
      where u.org_id = c.org_id and u.ban = a.ban order by u.day desc limit 1
    ) u
  ) n where n.month = n.newest and n.month_spend is not null`

/** Records of a type that a company of the customer is linked with. */
const linked = (type: 'deals' | 'tickets' | 'notes') => sql`
  customers.companies co
  join customers.edges e on e.to_id = co.external_id and e.to_type = 'companies' and e.from_type = ${type} and e.org_id = co.org_id
    and e.integration_id = co.integration_id
  join ${sql.table(`customers.${type}`)} t on t.org_id = e.org_id and t.integration_id = e.integration_id and t.external_id = e.from_id
    and t.gone_at is null
  where co.customer_id = c.id and co.org_id = c.org_id and co.gone_at is null`

const OPEN_DEALS = sql`
  select d.currency, d.amount from (
    select distinct on (t.id) t.amount, coalesce(t.currency, (select n.currency from customers.integrations n where n.id = t.integration_id),
      'USD') as currency
    from ${linked('deals')} and t.is_open and t.amount is not null
  ) d`

const LINKED_TYPES = ['deals', 'tickets', 'notes'] as const
export type SummedType = (typeof LINKED_TYPES)[number]

/** The customers with whose companies records are linked, the main one and the others: one statement. */
export const customersAround = async (
  tx: Transaction,
  orgId: string,
  records: Readonly<Partial<Record<SummedType, readonly string[]>>>,
): Promise<string[]> => {
  const types = LINKED_TYPES.filter((type) => (records[type]?.length ?? 0) > 0)
  if (types.length === 0) return []
  const parts = types.map(
    (type) => sql`
    select co.customer_id as id from ${sql.table(`customers.${type}`)} t
    join customers.edges e on e.org_id = t.org_id and e.integration_id = t.integration_id and e.from_type = ${type}
      and e.from_id = t.external_id and e.to_type = 'companies'
    join customers.companies co on co.org_id = e.org_id and co.integration_id = e.integration_id and co.external_id = e.to_id
    where t.org_id = ${orgId}::uuid and t.id = any(${records[type]}::uuid[])`,
  )
  const { rows } = await sql<{ id: string }>`${sql.join(parts, sql` union `)}`.execute(tx)
  return rows.map(({ id }) => id)
}

/**
 * Sums up what customers bring, ask for and do, from what their accounts and records say now: two statements. Those of whom it is as before are not
 * written. Their rows are held first: whoever sums up the same customer at the same time sees what the other has seen, and more.
 */
export const summarise = async (tx: Transaction, orgId: string, ids: readonly string[]): Promise<void> => {
  if (ids.length === 0) return
  await sql`
    select id from customers.customers where org_id = ${orgId}::uuid and id = any(${ids}::uuid[]) order by id for update`.execute(
    tx,
  )
  await sql`
    update customers.customers k set mrr = s.mrr, mrr_currency = s.mrr_currency, month_spend = s.month_spend,
      month_spend_currency = s.month_spend_currency, open_deals = s.open_deals, open_deals_currency = s.open_deals_currency,
      open_rfqs = s.open_rfqs, last_activity_at = s.last_activity_at
    from (
      select c.id, mrr.amount as mrr, mrr.currency as mrr_currency, spend.amount as month_spend, spend.currency as month_spend_currency,
        deals.amount as open_deals, deals.currency as open_deals_currency,
        case when exists (select from ${accounts('C3')}) then (
          select count(*)::integer from customers.rfqs r where r.org_id = c.org_id and r.gone_at is null and r.status in ('OPEN', 'QUOTED')
            and r.account_id in (select i.account_id from ${accounts('C3')})) end as open_rfqs,
        greatest(
          (select max(co.last_activity_at) from customers.companies co
            where co.customer_id = c.id and co.org_id = c.org_id and co.gone_at is null),
          (select max(t.source_created_at) from ${linked('deals')}),
          (select max(t.source_created_at) from ${linked('tickets')}),
          (select max(t.noted_at) from ${linked('notes')}),
          (select max(r.created_at) from customers.rfqs r where r.org_id = c.org_id and r.gone_at is null
            and r.account_id in (select i.account_id from ${accounts('C3')}))) as last_activity_at
      from customers.customers c
      cross join lateral (${inOneCurrency(MRR)}) mrr
      cross join lateral (${inOneCurrency(MONTH_SPEND)}) spend
      cross join lateral (${inOneCurrency(OPEN_DEALS)}) deals
      where c.org_id = ${orgId}::uuid and c.id = any(${ids}::uuid[])
    ) s
    where k.org_id = ${orgId}::uuid and k.id = s.id
      and (k.mrr, k.mrr_currency, k.month_spend, k.month_spend_currency, k.open_deals, k.open_deals_currency, k.open_rfqs, k.last_activity_at)
        is distinct from (s.mrr, s.mrr_currency, s.month_spend, s.month_spend_currency, s.open_deals, s.open_deals_currency, s.open_rfqs,
          s.last_activity_at)`.execute(tx)
}
