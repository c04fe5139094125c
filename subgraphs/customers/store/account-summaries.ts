import { sql } from 'kysely'
import type { AccountTold, HoldingsRow, MonthRow } from '../domain/account-properties.ts'
import type { AccountState, BrandState } from '../domain/happenings.ts'
import type { Transaction } from './transaction.ts'

/** How accounts and their brands stand, as they were last told: one statement. */
export const accountsTold = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<{ accounts: AccountTold[]; brands: BrandState[] }> => {
  const { rows } = await sql<{ subject: string; ban: string; state: AccountState | BrandState }>`
    select subject, ban, state from customers.timeline_told
    where org_id = ${orgId}::uuid and ban = any(${bans}::text[]) and subject in ('ACCOUNT', 'BRAND')`.execute(
    tx,
  )
  return {
    accounts: rows.flatMap(({ subject, ban, state }) =>
      subject === 'ACCOUNT' ? [{ ban, state: state as AccountState }] : [],
    ),
    brands: rows.flatMap(({ subject, state }) => (subject === 'BRAND' ? [state as BrandState] : [])),
  }
}

/** An account with the customer that it belongs to. */
export interface OwnedAccount {
  ban: string
  customerId: string
}

/** What the accounts of customers have, counted, by customer: one statement. Numbers are counted while they are held. */
export const holdingsOf = async (
  tx: Transaction,
  orgId: string,
  accounts: readonly OwnedAccount[],
): Promise<Map<string, HoldingsRow>> => {
  const { rows } = await sql<HoldingsRow & { customer_id: string }>`
    with held as (
      select k."customerId", t.subject, t.state from json_to_recordset(${JSON.stringify(accounts)}::json) as k(ban text, "customerId" uuid)
      join customers.timeline_told t on t.org_id = ${orgId}::uuid and t.ban = k.ban
      where t.subject = 'TRUNK' and t.state ->> 'status' <> 'DELETED'
        or t.subject = 'NUMBER' and coalesce(t.state ->> 'status', 'ACTIVE') in ('ACTIVE', 'PORTING_OUT')
    )
    select "customerId" as customer_id, count(*) filter (where subject = 'TRUNK')::int as trunks,
      count(*) filter (where subject = 'NUMBER')::int as numbers,
      coalesce(array_agg(distinct state #>> '{e911,status}') filter (where state #>> '{e911,status}' is not null), '{}') as e911,
      encode(sha256(convert_to(string_agg(state #>> '{e911,hash}', ' ' order by state #>> '{e911,hash}'), 'UTF8')), 'hex') as e911_hash,
      coalesce(array_agg(distinct state ->> 'respOrg')
        filter (where state ->> 'type' = 'TOLLFREE' and state ->> 'respOrg' is not null), '{}') as resp_org
    from held group by "customerId"`.execute(tx)
  return new Map(rows.map(({ customer_id, ...row }) => [customer_id, row]))
}

/** What accounts had used in their month by the newest day that was told, by account: one statement. */
export const newestUsage = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<Map<string, MonthRow>> => {
  const { rows } = await sql<MonthRow>`
    select distinct on (ban) ban, day::text, month_minutes::text, month_spend::text, currency from customers.usage_days
    where org_id = ${orgId}::uuid and ban = any(${bans}::text[]) order by ban, day desc`.execute(tx)
  return new Map(rows.map((row) => [row.ban, row]))
}

/** Notes that the companies of customers say what accounts are: one statement. */
export const noteAccountCompanies = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<void> => {
  await sql`
    insert into customers.account_companies (org_id, company_id)
    select co.org_id, co.id from customers.companies co
    where co.org_id = ${orgId}::uuid and co.customer_id = any(${customerIds}::uuid[]) and co.gone_at is null
    order by co.id on conflict do nothing`.execute(tx)
}

/** Forgets that companies of customers say what accounts are: one statement. @returns the customers of which some did */
export const forgetAccountCompanies = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Set<string>> => {
  const { rows } = await sql<{ customer_id: string }>`
    delete from customers.account_companies a using customers.companies co
    where a.org_id = ${orgId}::uuid and co.org_id = a.org_id and co.id = a.company_id and co.customer_id = any(${customerIds}::uuid[])
    returning co.customer_id`.execute(tx)
  return new Set(rows.map((row) => row.customer_id))
}
