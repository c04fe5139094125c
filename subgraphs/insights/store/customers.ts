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
  accounts: readonly AccountRef[]
}

/**
 * Facts and identities of one organisation come from several logs at once. Without this lock a fact could look for its
 * customer while the customer's list of accounts is being written, each missing the other. Taken before anything else;
 * facts pass each other, identities pass nobody.
 */
export const lockGrouping = async (
  tx: Transaction,
  orgId: string,
  mode: 'facts' | 'identities',
): Promise<void> => {
  const key = sql`hashtextextended('insights.accounts ' || ${orgId}, 0)`
  await (mode === 'facts'
    ? sql`select pg_advisory_xact_lock_shared(${key})`
    : sql`select pg_advisory_xact_lock(${key})`
  ).execute(tx)
}

/**
 * Marks the customers of these accounts as to be scored anew. Those that are marked already are held all the same: until
 * we commit nobody scores them without what we are about to add.
 */
export const touchByAccount = async (
  tx: Transaction,
  orgId: string,
  accounts: readonly AccountRef[],
  at: Date,
): Promise<void> => {
  if (accounts.length === 0) return
  // In one order, so that two sources that touch the same customers do not wait for each other in a circle. Written as an
  // insert that always meets its row: that goes by the key, while a join is left to guesses until the tables are analysed.
  await sql`
    insert into insights.customers (org_id, customer_id, identity_version, dirty_since)
    select distinct ${orgId}::uuid, a.customer_id, 0, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(accounts)}::json) as r("system" text, "accountId" text)
    cross join lateral (
      select k.customer_id from insights.accounts k
      where k.org_id = ${orgId}::uuid and k.system = r."system" and k.account_id = r."accountId" offset 0
    ) a
    order by a.customer_id
    on conflict (org_id, customer_id) do update set dirty_since = excluded.dirty_since
    where insights.customers.dirty_since is null`.execute(tx)
}

/**
 * Groups accounts anew as customers said: each list is the whole of its customer at that version; what is not newer than
 * what is held changes nothing. Which accounts a customer had is kept. The customers that changed are marked to be scored anew. One statement.
 */
export const regroup = async (
  tx: Transaction,
  orgId: string,
  identities: readonly CustomerIdentity[],
  at: Date,
): Promise<void> => {
  if (identities.length === 0) return
  const inOrder = [...identities].sort((a, b) => (a.customerId < b.customerId ? -1 : 1))
  // Whoever was merged has no accounts, whatever it still lists.
  const accounts = inOrder
    .filter((identity) => identity.mergedInto === null)
    .flatMap((i) => i.accounts.map((a) => ({ c: i.customerId, s: a.system, a: a.accountId })))
  await sql`
    with listed as materialized (
      select distinct r.c, r.s, r.a from json_to_recordset(${JSON.stringify(accounts)}::json) as r(c text, s text, a text)
    ), changed as (
      insert into insights.customers (org_id, customer_id, identity_version, merged_into, dirty_since)
      select ${orgId}::uuid, i."customerId", i."identityVersion", i."mergedInto", ${at}::timestamptz
      from json_to_recordset(${JSON.stringify(inOrder)}::json)
        as i("customerId" text, "identityVersion" int, "mergedInto" text)
      on conflict (org_id, customer_id) do update set
        identity_version = excluded.identity_version, merged_into = excluded.merged_into,
        dirty_since = coalesce(insights.customers.dirty_since, excluded.dirty_since)
      where insights.customers.identity_version < excluded.identity_version
      returning customer_id
    ), left_out as (
      delete from insights.accounts k using changed
      where k.org_id = ${orgId}::uuid and k.customer_id = changed.customer_id
        and k.customer_id = any(${inOrder.map((i) => i.customerId)}::text[])
        and (k.customer_id, k.system, k.account_id) not in (select c, s, a from listed)
      returning k.*
    ), former as (
      insert into insights.former_accounts (org_id, customer_id, system, account_id, taken_at, until)
      select org_id, customer_id, system, account_id, taken_at, ${at}::timestamptz from left_out
      where taken_at < ${at}::timestamptz
      on conflict do nothing
    )
    insert into insights.accounts (org_id, customer_id, system, account_id, taken_at)
    select ${orgId}::uuid, listed.c, listed.s, listed.a, ${at}::timestamptz from listed join changed on changed.customer_id = listed.c
    on conflict do nothing`.execute(tx)
}

/** A page of the customers that are somebody, by id, those behind `after`. */
export const customersAfter = async (
  tx: Transaction,
  orgId: string,
  after: string,
  limit: number,
): Promise<string[]> => {
  const rows = await tx
    .selectFrom('insights.customers')
    .select('customer_id as id')
    .where('org_id', '=', orgId)
    .where('customer_id', '>', after)
    .where('merged_into', 'is', null)
    .orderBy('customer_id')
    .limit(limit)
    .execute()
  return rows.map(({ id }) => id)
}

/** How far a customer has come: who it is, and whether it has a score of its own. */
export interface Due {
  customerId: string
  identityVersion: number
  /** Whether it still is somebody: neither merged nor without any account. */
  isAlive: boolean
  /** Whether it is due because of news, and not only because of the time. */
  isChanged: boolean
  mergedInto: string | null
  /** The accounts it has, hashed; empty when it has none. */
  accounts: string
  /** Those it was judged by the last time; null when it never was. */
  judgedAccounts: string | null
  /** Whether something was set aside of it, or of who was merged into it. */
  hasFormer: boolean
}

/**
 * Takes customers whose facts changed, then those whose time has come, and locks them; others' locks are stepped over.
 * Two walks over two indexes: in one `or` the database would sort all that wait for every batch it gives. (And no
 * `exists`: the database would rather hash the accounts of the whole organisation.)
 */
export const takeDue = async (tx: Transaction, orgId: string, at: Date, limit: number): Promise<Due[]> => {
  const { rows } = await sql<Due>`
    with changed as (
      select customer_id, identity_version, merged_into, judged_accounts from insights.customers
      where org_id = ${orgId}::uuid and dirty_since is not null
      order by dirty_since limit ${limit} for update skip locked
    ), ripe as (
      select customer_id, identity_version, merged_into, judged_accounts from insights.customers
      where org_id = ${orgId}::uuid and dirty_since is null and due_at <= ${at}
      order by due_at limit ${limit} - (select count(*) from changed) for update skip locked
    )
    select c.customer_id as "customerId", c.identity_version as "identityVersion",
      a.accounts is not null as "isAlive", c.is_changed as "isChanged", c.merged_into as "mergedInto",
      coalesce(a.accounts, '') as accounts, c.judged_accounts as "judgedAccounts",
      coalesce((
        select true from insights.former_judgements j where j.org_id = ${orgId}::uuid and j.customer_id = c.customer_id limit 1
      ), (
        select true from insights.former_judgements j where j.org_id = ${orgId}::uuid and j.merged_into = c.customer_id limit 1
      ), false) as "hasFormer"
    from (select *, true as is_changed from changed union all select *, false from ripe) c
    cross join lateral (
      select md5(string_agg(a.system || ' ' || a.account_id, ',' order by a.system, a.account_id)) as accounts
      from insights.accounts a
      where a.org_id = ${orgId}::uuid and a.customer_id = c.customer_id and c.merged_into is null
    ) a`.execute(tx)
  return rows
}

/** Marks customers as judged, by which accounts, and with the next moment at which time alone moves what is thought of each. None of them is set aside any more. */
export const settle = async (
  tx: Transaction,
  orgId: string,
  scored: readonly { customerId: string; dueAt: Date | null; accounts: string }[],
): Promise<void> => {
  await sql`
    with mended as (
      delete from insights.set_aside
      where org_id = ${orgId}::uuid and customer_id = any(${scored.map((s) => s.customerId)}::text[])
    )
    update insights.customers c set dirty_since = null, due_at = s."dueAt", judged_accounts = s.accounts
    from json_to_recordset(${JSON.stringify(scored)}::json) as s("customerId" text, "dueAt" timestamptz, accounts text)
    where c.org_id = ${orgId}::uuid and c.customer_id = s."customerId"
      and c.customer_id = any(${scored.map((s) => s.customerId)}::text[])`.execute(tx)
}

/**
 * Organisations that have customers to score now. Asked as relay, across organisations. It steps from organisation to
 * organisation by index: what it costs does not depend on how many customers wait. (The orders are for the database, which
 * would otherwise read on and on for one of the many it remembers to have seen waiting.)
 */
export const organisationsWithWork = async (tx: Transaction, at: Date): Promise<string[]> => {
  const { rows } = await sql<{ orgId: string }>`
    with recursive orgs as (
      (select org_id from insights.customers order by org_id limit 1)
      union all
      select (select c.org_id from insights.customers c where c.org_id > orgs.org_id order by c.org_id limit 1)
      from orgs where orgs.org_id is not null
    )
    select org_id as "orgId" from orgs where coalesce(
      (select true from insights.customers c where c.org_id = orgs.org_id and c.dirty_since is not null
        order by c.dirty_since limit 1),
      (select true from insights.customers c where c.org_id = orgs.org_id and c.dirty_since is null and c.due_at <= ${at}
        order by c.due_at limit 1),
      false)`.execute(tx)
  return rows.map((row) => row.orgId)
}

/** Whether it is a customer that stands for itself: neither merged nor without any account. */
export const isCustomer = async (tx: Transaction, orgId: string, customerId: string): Promise<boolean> => {
  const { rows } = await sql`
    select 1 from insights.customers c
    where c.org_id = ${orgId}::uuid and c.customer_id = ${customerId} and c.merged_into is null
      and exists (select 1 from insights.accounts a where a.org_id = c.org_id and a.customer_id = c.customer_id)`.execute(
    tx,
  )
  return rows.length > 0
}

/** Holds a customer until the transaction ends: nobody judges it meanwhile, and whoever does is waited for. */
export const holdCustomer = async (tx: Transaction, orgId: string, customerId: string): Promise<void> => {
  await sql`
    select 1 from insights.customers where org_id = ${orgId}::uuid and customer_id = ${customerId} for update`.execute(
    tx,
  )
}

/** Marks customers as to be judged anew. */
export const touchCustomers = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
  at: Date,
): Promise<void> => {
  if (customerIds.length === 0) return
  await sql`
    with c as (
      select customer_id from insights.customers
      where org_id = ${orgId}::uuid and customer_id = any(${customerIds}::text[]) order by customer_id for update
    )
    update insights.customers k set dirty_since = coalesce(dirty_since, ${at}::timestamptz)
    from c where k.org_id = ${orgId}::uuid and k.customer_id = c.customer_id`.execute(tx)
}

/** Marks a customer as to be judged anew. */
export const touchCustomer = async (
  tx: Transaction,
  orgId: string,
  customerId: string,
  at: Date,
): Promise<void> => {
  await sql`
    update insights.customers set dirty_since = coalesce(dirty_since, ${at}::timestamptz)
    where org_id = ${orgId}::uuid and customer_id = ${customerId}`.execute(tx)
}

/** How many customers an organisation has, those that were merged into others left out. */
export const countLiving = async (tx: Transaction, orgId: string): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from insights.customers where org_id = ${orgId}::uuid and merged_into is null`.execute(
    tx,
  )
  return rows[0]!.n
}

/** A page of them by id, those behind `after`; of each `everyNth`, chosen by their ids, so that it is the same ones each time. */
export const livingAfter = async (
  tx: Transaction,
  orgId: string,
  { after, limit, everyNth }: { after: string; limit: number; everyNth: number },
): Promise<string[]> => {
  const { rows } = await sql<{ customerId: string }>`
    select customer_id as "customerId" from insights.customers
    where org_id = ${orgId}::uuid and merged_into is null and customer_id > ${after}
      and abs(hashtext(customer_id)) % ${everyNth} = 0
    order by customer_id limit ${limit}`.execute(tx)
  return rows.map((row) => row.customerId)
}
