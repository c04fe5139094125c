import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A billing account as it is kept. */
export interface BillingAccountRow {
  ban: string
  name: string
  domain: string | null
  status: 'ACTIVE' | 'SUSPENDED' | 'CHURNED'
  tier: 'STARTER' | 'GROWTH' | 'ENTERPRISE'
  mrr: string
  creditLimit: string
  currency: string
  contractEnd: string | null
  paymentTerms: string
  paymentMethod: 'CARD' | 'ACH' | 'WIRE'
  paymentStatus: 'CURRENT' | 'PAST_DUE' | 'SUSPENDED'
  createdAt: Date
  updatedAt: Date
}

const columns = [
  'ban',
  'name',
  'domain',
  'status',
  'tier',
  'mrr',
  'credit_limit as creditLimit',
  'currency',
  'contract_end as contractEnd',
  'payment_terms as paymentTerms',
  'payment_method as paymentMethod',
  'payment_status as paymentStatus',
  'created_at as createdAt',
  'updated_at as updatedAt',
] as const

/** The accounts with these numbers, one statement for all. */
export const accountsByBan = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<BillingAccountRow[]> =>
  (await tx
    .selectFrom('telephony.billing_accounts')
    .select(columns)
    .where('org_id', '=', orgId)
    .where('ban', '=', sql<string>`any(${bans}::text[])`)
    .execute()) as BillingAccountRow[]

/** Holds an account until the transaction ends, so that what is added to it is added by one at a time. @returns whether it exists */
export const lockAccount = async (tx: Transaction, orgId: string, ban: string): Promise<boolean> =>
  (await tx
    .selectFrom('telephony.billing_accounts')
    .select('ban')
    .where('org_id', '=', orgId)
    .where('ban', '=', ban)
    .forUpdate()
    .executeTakeFirst()) !== undefined

/** A page of all accounts by number, those behind `after`. */
export const accountsAfter = async (
  tx: Transaction,
  orgId: string,
  after: string,
  limit: number,
): Promise<BillingAccountRow[]> =>
  (await tx
    .selectFrom('telephony.billing_accounts')
    .select(columns)
    .where('org_id', '=', orgId)
    .where('ban', '>', after)
    .orderBy('ban')
    .limit(limit)
    .execute()) as BillingAccountRow[]

/** Writes accounts in one statement; those whose number is taken are left as they are. @returns the numbers written */
export const insertAccounts = async (
  tx: Transaction,
  orgId: string,
  accounts: readonly BillingAccountRow[],
): Promise<string[]> => {
  const { rows } = await sql<{ ban: string }>`
    insert into telephony.billing_accounts
      (org_id, ban, name, domain, status, tier, mrr, credit_limit, currency, contract_end, payment_terms, payment_method,
       payment_status, created_at, updated_at)
    select ${orgId}::uuid, a."ban", a."name", a."domain", a."status", a."tier", a."mrr", a."creditLimit", a."currency",
      a."contractEnd", a."paymentTerms", a."paymentMethod", a."paymentStatus", a."createdAt", a."createdAt"
    from jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb) as a(
      "ban" text, "name" text, "domain" text, "status" text, "tier" text, "mrr" numeric, "creditLimit" numeric,
      "currency" text, "contractEnd" date, "paymentTerms" text, "paymentMethod" text, "paymentStatus" text,
      "createdAt" timestamptz)
    on conflict do nothing
    returning ban`.execute(tx)
  return rows.map((row) => row.ban)
}

/** Accounts → customers, as customers said last; an older version than the one held changes nothing. */
export const assignCustomers = async (
  tx: Transaction,
  orgId: string,
  assigned: readonly { accountId: string; customerId: string; identityVersion: number }[],
): Promise<void> => {
  if (assigned.length === 0) return
  await sql`
    insert into telephony.account_customers (org_id, ban, customer_id, identity_version)
    select ${orgId}::uuid, a."accountId", a."customerId", a."identityVersion"
    from jsonb_to_recordset(${JSON.stringify(assigned)}::jsonb)
      as a("accountId" text, "customerId" text, "identityVersion" int)
    on conflict (org_id, ban) do update set
      customer_id = excluded.customer_id, identity_version = excluded.identity_version`.execute(tx)
}

/** The billing account numbers of a customer. */
export const bansOf = async (tx: Transaction, orgId: string, customerId: string): Promise<string[]> =>
  (
    await tx
      .selectFrom('telephony.account_customers')
      .select('ban')
      .where('org_id', '=', orgId)
      .where('customer_id', '=', customerId)
      .execute()
  ).map((row) => row.ban)
