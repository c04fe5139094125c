import { sql } from 'kysely'
import type { AccountStatus, SuspensionReason } from '../domain/account-life.ts'
import type { Transaction } from './transaction.ts'

/** A billing account as it is kept. Amounts are decimals in its currency. */
export interface BillingAccountRow {
  ban: string
  name: string
  domain: string | null
  status: AccountStatus
  suspendedBecause: SuspensionReason | null
  closedAt: Date | null
  tier: 'STARTER' | 'GROWTH' | 'ENTERPRISE'
  mrr: string
  creditLimit: string
  hasCreditLimit: boolean
  /** What the limit was set to lately, oldest first. */
  creditLimitsSet: string[]
  currency: string
  contractEnd: string | null
  paymentTerms: string
  paymentMethod: 'CARD' | 'ACH' | 'WIRE'
  paymentStatus: 'CURRENT' | 'PAST_DUE' | 'SUSPENDED'
  apiEnabled: boolean
  smsEnabled: boolean
  /** The customer it was opened for, as whoever opened it said. */
  openedFor: string | null
  /** Rises with every change that somebody can see. */
  version: number
  createdAt: Date
  updatedAt: Date
}

/** What a BillingAccountRow is selected by, from telephony.billing_accounts as `b`. Amounts come without trailing zeros, so that equal ones are equal texts. */
export const accountColumns = sql`
  b.ban, b.name, b.domain, b.status, b.suspended_because as "suspendedBecause", b.closed_at as "closedAt", b.tier,
  trim_scale(b.mrr)::text as mrr, trim_scale(b.credit_limit)::text as "creditLimit", b.has_credit_limit as "hasCreditLimit",
  array(select trim_scale(x)::text from unnest(b.credit_limits_set) with ordinality as s(x, n) order by n) as "creditLimitsSet",
  b.currency, b.contract_end::text as "contractEnd", b.payment_terms as "paymentTerms", b.payment_method as "paymentMethod",
  b.payment_status as "paymentStatus", b.api_enabled as "apiEnabled", b.sms_enabled as "smsEnabled", b.opened_for as "openedFor",
  b.version, b.created_at as "createdAt", b.updated_at as "updatedAt"`

/** What is written of an account, as columns of a record made of its row. */
const written = sql`
  "ban" text, "name" text, "domain" text, "status" text, "suspendedBecause" text, "closedAt" timestamptz, "tier" text, "mrr" numeric,
  "creditLimit" numeric, "hasCreditLimit" boolean, "creditLimitsSet" numeric[], "currency" text,
  "contractEnd" date, "paymentTerms" text, "paymentMethod" text, "paymentStatus" text, "apiEnabled" boolean, "smsEnabled" boolean,
  "openedFor" text, "version" int, "createdAt" timestamptz, "updatedAt" timestamptz`

/** The accounts with these numbers, one statement for all. */
export const accountsByBan = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<BillingAccountRow[]> => {
  const { rows } = await sql<BillingAccountRow>`
    select ${accountColumns} from telephony.billing_accounts b
    where b.org_id = ${orgId} and b.ban = any(${bans}::text[])`.execute(tx)
  return rows
}

/** Holds an account until the transaction ends, so that what is added to it is added by one at a time. @returns whether it exists */
export const lockAccount = async (tx: Transaction, orgId: string, ban: string): Promise<boolean> =>
  (await tx
    .selectFrom('telephony.billing_accounts')
    .select('ban')
    .where('org_id', '=', orgId)
    .where('ban', '=', ban)
    .forUpdate()
    .executeTakeFirst()) !== undefined

/** Holds accounts until the transaction ends; in the order of their numbers, so that two who hold several do not wait for each other. */
export const lockAccounts = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<void> => {
  await sql`
    select from telephony.billing_accounts where org_id = ${orgId} and ban = any(${bans}::text[]) order by ban for update`.execute(
    tx,
  )
}

/** Which of these accounts were closed; one statement. */
export const closedOf = async (
  tx: Transaction,
  orgId: string,
  bans: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (bans.length === 0) return new Set()
  const rows = await tx
    .selectFrom('telephony.billing_accounts')
    .select('ban')
    .where('org_id', '=', orgId)
    .where('ban', '=', sql<string>`any(${bans}::text[])`)
    .where('status', '=', 'CHURNED')
    .execute()
  return new Set(rows.map(({ ban }) => ban))
}

/** A page of all accounts by number, those behind `after`. */
export const accountsAfter = async (
  tx: Transaction,
  orgId: string,
  after: string,
  limit: number,
): Promise<BillingAccountRow[]> => {
  const { rows } = await sql<BillingAccountRow>`
    select ${accountColumns} from telephony.billing_accounts b
    where b.org_id = ${orgId} and b.ban > ${after} order by b.ban limit ${limit}`.execute(tx)
  return rows
}

/** Writes accounts in one statement; those whose number is taken are left as they are. @returns the numbers written */
export const insertAccounts = async (
  tx: Transaction,
  orgId: string,
  accounts: readonly BillingAccountRow[],
): Promise<string[]> => {
  const { rows } = await sql<{ ban: string }>`
    insert into telephony.billing_accounts
      (org_id, ban, name, domain, status, suspended_because, closed_at, tier, mrr, credit_limit, has_credit_limit,
       credit_limits_set, currency, contract_end, payment_terms, payment_method, payment_status, api_enabled, sms_enabled, opened_for,
       version, created_at, updated_at)
    select ${orgId}::uuid, a."ban", a."name", a."domain", a."status", a."suspendedBecause", a."closedAt", a."tier", a."mrr",
      a."creditLimit", a."hasCreditLimit", a."creditLimitsSet", a."currency", a."contractEnd", a."paymentTerms",
      a."paymentMethod", a."paymentStatus", a."apiEnabled", a."smsEnabled", a."openedFor", a."version", a."createdAt", a."updatedAt"
    from jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb) as a(${written})
    on conflict do nothing
    returning ban`.execute(tx)
  return rows.map((row) => row.ban)
}

/** Writes accounts as they are now, in one statement. */
export const updateAccounts = async (
  tx: Transaction,
  orgId: string,
  accounts: readonly BillingAccountRow[],
): Promise<void> => {
  if (accounts.length === 0) return
  await sql`
    update telephony.billing_accounts b set
      name = a."name", domain = a."domain", status = a."status", suspended_because = a."suspendedBecause", closed_at = a."closedAt",
      tier = a."tier", mrr = a."mrr", credit_limit = a."creditLimit", has_credit_limit = a."hasCreditLimit",
      credit_limits_set = a."creditLimitsSet", contract_end = a."contractEnd",
      payment_terms = a."paymentTerms", payment_method = a."paymentMethod", payment_status = a."paymentStatus",
      api_enabled = a."apiEnabled", sms_enabled = a."smsEnabled", version = a."version", updated_at = a."updatedAt"
    from jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb) as a(${written})
    where b.org_id = ${orgId} and b.ban = a."ban"`.execute(tx)
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
