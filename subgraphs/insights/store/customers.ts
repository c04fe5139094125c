import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

export interface AccountRef {
  system: string
  accountId: string
}

export interface CustomerIdentity {
  customerId: string
  identityVersion: number
  mergedInto: string | null
  accounts: AccountRef[]
}

/** Makes sure the accounts are known, so that facts about them find their customer once customers has named it. */
export const meetAccounts = async (
  tx: Transaction,
  orgId: string,
  accounts: readonly AccountRef[],
): Promise<void> => {
  if (accounts.length === 0) return
  await sql`
    insert into insights.accounts (org_id, system, account_id)
    select distinct ${orgId}::uuid, a."system", a."accountId"
    from jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb) as a("system" text, "accountId" text)
    on conflict do nothing`.execute(tx)
}

/** Marks the customers of these accounts as to be scored anew. */
export const touchByAccount = async (
  tx: Transaction,
  orgId: string,
  accounts: readonly AccountRef[],
  at: Date,
): Promise<void> => {
  if (accounts.length === 0) return
  await sql`
    update insights.customers c set dirty_since = coalesce(c.dirty_since, ${at})
    where c.org_id = ${orgId} and c.customer_id in (
      select k.customer_id from insights.accounts k
      join jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb) as a("system" text, "accountId" text)
        on k.system = a."system" and k.account_id = a."accountId"
      where k.org_id = ${orgId})`.execute(tx)
}

/**
 * Groups accounts anew as customers said: each list is the whole of its customer at that version; an older version than
 * the one held changes nothing. The customers touched are marked to be scored anew.
 */
export const regroup = async (
  tx: Transaction,
  orgId: string,
  identities: readonly CustomerIdentity[],
  at: Date,
): Promise<void> => {
  if (identities.length === 0) return
  const { rows } = await sql<{ customer_id: string }>`
    insert into insights.customers (org_id, customer_id, identity_version, merged_into, dirty_since)
    select ${orgId}::uuid, i."customerId", i."identityVersion", i."mergedInto", ${at}
    from jsonb_to_recordset(${JSON.stringify(identities)}::jsonb)
      as i("customerId" text, "identityVersion" int, "mergedInto" text)
    on conflict (org_id, customer_id) do update set
      identity_version = excluded.identity_version, merged_into = excluded.merged_into,
      dirty_since = coalesce(insights.customers.dirty_since, excluded.dirty_since)
    where insights.customers.identity_version <= excluded.identity_version
    returning customer_id`.execute(tx)
  const taken = new Set(rows.map((row) => row.customer_id))
  const current = identities.filter((identity) => taken.has(identity.customerId))
  const accounts = current.flatMap((i) => i.accounts.map((a) => ({ ...a, customerId: i.customerId })))
  // An account a customer no longer lists is nobody's until its new customer speaks.
  await sql`
    update insights.accounts k set customer_id = null
    where k.org_id = ${orgId} and k.customer_id = any(${[...taken]}::text[])
      and not exists (
        select 1 from jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb)
          as a("system" text, "accountId" text, "customerId" text)
        where a."system" = k.system and a."accountId" = k.account_id and a."customerId" = k.customer_id)`.execute(
    tx,
  )
  if (accounts.length === 0) return
  await sql`
    insert into insights.accounts (org_id, system, account_id, customer_id)
    select ${orgId}::uuid, a."system", a."accountId", a."customerId"
    from jsonb_to_recordset(${JSON.stringify(accounts)}::jsonb) as a("system" text, "accountId" text, "customerId" text)
    on conflict (org_id, system, account_id) do update set customer_id = excluded.customer_id
    where insights.accounts.customer_id is distinct from excluded.customer_id`.execute(tx)
}

/**
 * Takes customers whose facts changed or whose time has come, and locks them; others' locks are stepped over.
 * @returns at most `limit` customers with the identity version their accounts stand at
 */
export const takeDue = (tx: Transaction, orgId: string, at: Date, limit: number) =>
  tx
    .selectFrom('insights.customers')
    .select(['customer_id', 'identity_version', 'merged_into'])
    .where('org_id', '=', orgId)
    .where((eb) => eb.or([eb('dirty_since', 'is not', null), eb('due_at', '<=', at)]))
    .orderBy('dirty_since')
    .limit(limit)
    .forUpdate()
    .skipLocked()
    .execute()

/** Marks customers as scored, with the next moment time alone moves each score. */
export const settle = async (
  tx: Transaction,
  orgId: string,
  scored: readonly { customerId: string; dueAt: Date | null }[],
): Promise<void> => {
  await sql`
    update insights.customers c set dirty_since = null, due_at = s."dueAt"
    from jsonb_to_recordset(${JSON.stringify(scored)}::jsonb) as s("customerId" text, "dueAt" timestamptz)
    where c.org_id = ${orgId} and c.customer_id = s."customerId"`.execute(tx)
}

/** Organisations that have customers to score now. Asked as relay, across organisations. */
export const organisationsWithWork = async (tx: Transaction, at: Date): Promise<string[]> => {
  const rows = await tx
    .selectFrom('insights.customers')
    .select('org_id')
    .distinct()
    .where((eb) => eb.or([eb('dirty_since', 'is not', null), eb('due_at', '<=', at)]))
    .execute()
  return rows.map((row) => row.org_id)
}

/** How far a customer's score has come. */
export interface Standing {
  customerId: string
  identityVersion: number
  /** Whether facts or accounts have changed and the score has yet to follow. */
  isDirty: boolean
}

/** How far the scores of these customers have come, one statement for all. */
export const standingOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Standing[]> =>
  tx
    .selectFrom('insights.customers')
    .select((eb) => [
      'customer_id as customerId',
      'identity_version as identityVersion',
      eb('dirty_since', 'is not', null).$castTo<boolean>().as('isDirty'),
    ])
    .where('org_id', '=', orgId)
    .where('customer_id', '=', sql<string>`any(${customerIds}::text[])`)
    .execute()
