import { sql } from 'kysely'
import { type CreditRule, FIRST_RULE } from '../domain/credit.ts'
import type { Transaction } from './transaction.ts'

/** The organisation's credit rule as it is kept. */
export type CreditRuleRow = CreditRule

/** The organisation's credit rule. */
export const creditRuleOf = async (tx: Transaction, orgId: string): Promise<CreditRuleRow> => {
  const { rows } = await sql<CreditRuleRow>`
    select trim_scale(per_call)::text as "perCall", currency, version from telephony.credit_rules
    where org_id = ${orgId}`.execute(tx)
  return rows[0] ?? FIRST_RULE
}

/** Writes the organisation's credit rule. */
export const setCreditRule = async (
  tx: Transaction,
  orgId: string,
  { perCall, currency, version }: CreditRuleRow,
  at: Date,
): Promise<void> => {
  await sql`
    insert into telephony.credit_rules (org_id, per_call, currency, version, updated_at)
    values (${orgId}, ${perCall}::numeric, ${currency}, ${version}, ${at}::timestamptz)
    on conflict (org_id) do update set
      per_call = excluded.per_call, currency = excluded.currency, version = excluded.version, updated_at = excluded.updated_at`.execute(
    tx,
  )
}

/** How much an account's trunks, those taken down left out, have ordered together. */
export interface OrderedRow {
  ban: string
  trunks: number
  orderedCalls: number
}

/** What the trunks of each account have ordered together; one statement for all. */
export const orderedOf = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<OrderedRow[]> => {
  const { rows } = await sql<OrderedRow>`
    select t.ban, count(*)::int as trunks, sum(t.concurrent_calls)::float8 as "orderedCalls" from telephony.trunks t
    where t.org_id = ${orgId} and t.ban = any(${bans}::text[]) and t.status <> 'DELETED' group by t.ban`.execute(
    tx,
  )
  return rows
}

/** What a company in HubSpot says of a credit limit. */
export interface CompanyCredit {
  companyId: string
  customerId: string
  /** The account that it says it is; null when it says none. */
  ban: string | null
  /** Decimal; null when it says nothing of a limit, or is gone. */
  amount: string | null
  currency: string | null
  observedAt: string
}

/** Remembers what companies say, each as it was observed last; one statement. @returns those that say something else than before */
export const keepCompanyCredits = async (
  tx: Transaction,
  orgId: string,
  said: readonly CompanyCredit[],
): Promise<CompanyCredit[]> => {
  const { rows } = await sql<CompanyCredit>`
    with said as (
      select * from jsonb_to_recordset(${JSON.stringify(said)}::jsonb)
        as s("companyId" text, "customerId" text, "ban" text, "amount" numeric(16, 4), "currency" text, "observedAt" timestamptz)
    ), before as (
      select c.* from telephony.company_credits c join said s on s."companyId" = c.company_id where c.org_id = ${orgId}
    ), kept as (
      insert into telephony.company_credits as c (org_id, company_id, customer_id, ban, amount, currency, observed_at, said_at)
      select ${orgId}::uuid, "companyId", "customerId", "ban", "amount", "currency", "observedAt", "observedAt" from said
      on conflict (org_id, company_id) do update set
        customer_id = excluded.customer_id, ban = excluded.ban, amount = excluded.amount, currency = excluded.currency,
        observed_at = excluded.observed_at,
        said_at = case when (c.ban, c.amount, c.currency) is distinct from (excluded.ban, excluded.amount, excluded.currency)
          then excluded.observed_at else c.said_at end
      where excluded.observed_at > c.observed_at
      returning c.*
    )
    select k.company_id as "companyId", k.customer_id as "customerId", k.ban, trim_scale(k.amount)::text as amount, k.currency
    from kept k left join before b on b.company_id = k.company_id
    where (k.customer_id, k.ban, k.amount, k.currency) is distinct from (b.customer_id, b.ban, b.amount, b.currency)
    order by k.company_id`.execute(tx)
  return rows
}

/** Companies → customers, as customers says. */
export const moveCompanyCredits = async (
  tx: Transaction,
  orgId: string,
  moved: readonly { accountId: string; customerId: string }[],
): Promise<void> => {
  await sql`
    update telephony.company_credits c set customer_id = m."customerId"
    from jsonb_to_recordset(${JSON.stringify(moved)}::jsonb) as m("accountId" text, "customerId" text)
    where c.org_id = ${orgId} and c.company_id = m."accountId" and c.customer_id <> m."customerId"`.execute(
    tx,
  )
}

/** The limit that HubSpot has for an account. */
export interface SaidLimit {
  ban: string
  amount: string
  currency: string
}

/**
 * What HubSpot has for the open accounts that are named, or belong to one of these customers; one statement. A company speaks for the
 * account that it names; one that names none, for its customer's only account. Of several companies the one speaks that said something else last.
 */
export const saidLimitsOf = async (
  tx: Transaction,
  orgId: string,
  { bans, customerIds }: { bans: readonly string[]; customerIds: readonly string[] },
): Promise<SaidLimit[]> => {
  const { rows } = await sql<SaidLimit>`
    with live as (
      select b.ban, a.customer_id, count(*) over (partition by a.customer_id) as siblings
      from telephony.billing_accounts b
      left join telephony.account_customers a on a.org_id = b.org_id and a.ban = b.ban
      where b.org_id = ${orgId} and b.status <> 'CHURNED'
        and (b.ban = any(${bans}::text[]) or a.customer_id = any(${customerIds}::text[]) or a.customer_id in (
          select o.customer_id from telephony.account_customers o where o.org_id = ${orgId} and o.ban = any(${bans}::text[])))
    )
    select distinct on (l.ban) l.ban, trim_scale(c.amount)::text as amount, c.currency
    from live l join telephony.company_credits c on c.org_id = ${orgId} and c.amount is not null
      and (c.ban = l.ban or (c.ban is null and c.customer_id = l.customer_id and l.siblings = 1))
    order by l.ban, (c.ban is null), c.said_at desc, c.company_id`.execute(tx)
  return rows
}

/** Of these customers, those with several accounts that are not closed; one statement. */
export const customersWithSeveral = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, number>> => {
  const { rows } = await sql<{ customerId: string; accounts: number }>`
    select a.customer_id as "customerId", count(*)::int as accounts from telephony.account_customers a
    join telephony.billing_accounts b on b.org_id = a.org_id and b.ban = a.ban and b.status <> 'CHURNED'
    where a.org_id = ${orgId} and a.customer_id = any(${customerIds}::text[])
    group by a.customer_id having count(*) > 1`.execute(tx)
  return new Map(rows.map(({ customerId, accounts }) => [customerId, accounts]))
}
