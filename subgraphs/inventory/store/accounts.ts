import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A customer of C3 as it is kept. */
export interface C3AccountRow {
  id: string
  c3CustomerId: string
  name: string
  domain: string | null
}

/** The accounts with these ids, one statement for all. */
export const accountsById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<C3AccountRow[]> =>
  tx
    .selectFrom('inventory.c3_accounts')
    .select(['id', 'c3_customer_id as c3CustomerId', 'name', 'domain'])
    .where('org_id', '=', orgId)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .where('deleted_at', 'is', null)
    .execute()

/** A page of all accounts by id, those behind `after`. */
export const accountsAfter = (tx: Transaction, orgId: string, after: string | null, limit: number) =>
  tx
    .selectFrom('inventory.c3_accounts')
    .select(['id', 'c3_customer_id as c3CustomerId', 'name', 'domain', 'connection_id as connectionId'])
    .select(['phone', 'city', 'country', 'c3_modified_at as c3ModifiedAt'])
    .where('org_id', '=', orgId)
    .where('deleted_at', 'is', null)
    .$if(after !== null, (q) => q.where('id', '>', after))
    .orderBy('id')
    .limit(limit)
    .execute()

/** Writes accounts as C3 has them, one statement for all. */
export const upsertAccounts = async (
  tx: Transaction,
  orgId: string,
  accounts: readonly (C3AccountRow & {
    connectionId: string
    phone: string | null
    city: string | null
    country: string | null
    c3LastSync: Date
    c3ModifiedAt: Date
  })[],
): Promise<void> => {
  if (accounts.length === 0) return
  await sql`
    insert into inventory.c3_accounts
      (org_id, id, connection_id, c3_customer_id, name, domain, phone, city, country, c3_last_sync,
       c3_modified_at)
    select ${orgId}::uuid, a."id", a."connectionId", a."c3CustomerId", a."name", a."domain", a."phone", a."city",
      a."country", a."c3LastSync", a."c3ModifiedAt"
    from jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb) as a(
      "id" uuid, "connectionId" uuid, "c3CustomerId" text, "name" text, "domain" text, "phone" text, "city" text,
      "country" text, "c3LastSync" timestamptz, "c3ModifiedAt" timestamptz)
    on conflict (org_id, id) do update set
      name = excluded.name, domain = excluded.domain, phone = excluded.phone, city = excluded.city,
      country = excluded.country, c3_last_sync = excluded.c3_last_sync, c3_modified_at = excluded.c3_modified_at, deleted_at = null`.execute(
    tx,
  )
}

/** Accounts → customers, as customers said last. */
export const assignCustomers = async (
  tx: Transaction,
  orgId: string,
  assigned: readonly { accountId: string; customerId: string; identityVersion: number }[],
): Promise<void> => {
  if (assigned.length === 0) return
  await sql`
    insert into inventory.account_customers (org_id, account_id, customer_id, identity_version)
    select ${orgId}::uuid, a."accountId", a."customerId", a."identityVersion"
    from jsonb_to_recordset(${JSON.stringify(assigned)}::jsonb)
      as a("accountId" uuid, "customerId" text, "identityVersion" int)
    on conflict (org_id, account_id) do update set
      customer_id = excluded.customer_id, identity_version = excluded.identity_version`.execute(tx)
}

/** The accounts of a customer. */
export const accountIdsOf = async (tx: Transaction, orgId: string, customerId: string): Promise<string[]> =>
  (
    await tx
      .selectFrom('inventory.account_customers')
      .select('account_id')
      .where('org_id', '=', orgId)
      .where('customer_id', '=', customerId)
      .execute()
  ).map((row) => row.account_id)
