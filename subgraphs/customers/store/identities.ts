import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

export type System = 'HUBSPOT' | 'C3' | 'WARP'

/** An account of a customer in one system, as it is to be written. */
export interface AccountRow {
  system: System
  account_id: string
  external_id: string
  integration_id: string | null
  own_customer_id: string
  /** New accounts only: where they begin. A known account stays with its customer. */
  customer_id: string
  name: string
  normal_name: string
  domain: string | null
  match_domain: string | null
  observed_at: Date | null
  gone: boolean
  /** What accounts are matched by beside name and domain; a system that does not say leaves it out. */
  ban?: string | null
  place?: string | null
  country?: string | null
  is_supplier?: boolean
  /** Marks of its telephone numbers; left out where something else says them. */
  phones?: readonly string[]
}

/** Where the loops of all processes listen for accounts to match. */
export const MATCHING_CHANNEL = 'customers_matching'

// One writer at a time decides who is who in an organisation: a company and an account of one domain that arrive together
// would otherwise not see each other.
export const lockIdentities = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('customers.identity ' || ${orgId}, 0))`.execute(tx)
}

/**
 * Writes accounts, new and known, and marks those that say something else than before to be matched anew: one statement. What an older
 * message says about a known one is passed over.
 */
export const writeAccounts = async (
  tx: Transaction,
  orgId: string,
  rows: readonly AccountRow[],
  at: Date,
): Promise<void> => {
  if (rows.length === 0) return
  await sql`
    with written as (
      insert into customers.identities (org_id, system, account_id, external_id, integration_id, customer_id, own_customer_id, linked_by,
        name, normal_name, domain, match_domain, ban, place, country, is_supplier, phones, source, observed_at, gone_at, created_at)
      select ${orgId}::uuid, r.system, r.account_id, r.external_id, r.integration_id, r.customer_id, r.own_customer_id, 'OWN',
        r.name, r.normal_name, r.domain, r.match_domain, r.ban, r.place, r.country, coalesce(r.is_supplier, false),
        coalesce(r.phones, '{}'),
        r.system || coalesce(':' || r.integration_id, ''), r.observed_at, case when r.gone then ${at}::timestamptz end, ${at}::timestamptz
      from json_to_recordset(${JSON.stringify(rows)}::json) as r(system text, account_id text, external_id text, integration_id text,
        customer_id uuid, own_customer_id uuid, name text, normal_name text, domain text, match_domain text, observed_at timestamptz,
        gone boolean, ban text, place text, country text, is_supplier boolean, phones text[])
      on conflict (org_id, system, account_id) do update set external_id = excluded.external_id, name = excluded.name,
        normal_name = excluded.normal_name, domain = excluded.domain, match_domain = excluded.match_domain, ban = excluded.ban,
        place = excluded.place, country = excluded.country, is_supplier = excluded.is_supplier,
        phones = case when identities.system = 'C3' then excluded.phones else identities.phones end, observed_at = excluded.observed_at, gone_at = excluded.gone_at
      where identities.observed_at is null or excluded.observed_at is null or excluded.observed_at >= identities.observed_at
      returning new.system, new.account_id, row(old.name, old.domain, old.match_domain, old.ban, old.place, old.country, old.is_supplier, old.phones,
        old.gone_at is null) is distinct from row(new.name, new.domain, new.match_domain, new.ban, new.place, new.country, new.is_supplier, new.phones,
        new.gone_at is null) or new.system = 'HUBSPOT' as is_other
    ), due as (
      insert into customers.identity_due (org_id, system, account_id, step, marked_at)
      select ${orgId}::uuid, system, account_id, 'LEARN', ${at}::timestamptz from written where is_other
      on conflict (org_id, system, account_id) do update set step = 'LEARN'
      returning 1
    )
    select pg_notify(${MATCHING_CHANNEL}, '') where exists (select from due)`.execute(tx)
}

/**
 * How an account came to its customer: it began with it · what is known of both shows that they are one · it was opened for it ·
 * somebody linked it.
 */
export type LinkedBy = 'OWN' | 'MATCHED' | 'OPENED_FOR' | 'MANUAL'

/** An account that goes to another customer. */
export interface Move {
  system: System
  account_id: string
  customer_id: string
  linked_by: LinkedBy
}

/** Puts accounts to other customers: one statement, and one for HubSpot's companies when some are among them. */
export const moveAccounts = async (tx: Transaction, orgId: string, moves: readonly Move[]): Promise<void> => {
  if (moves.length === 0) return
  await sql`
    update customers.identities i set customer_id = r.customer_id, linked_by = r.linked_by
    from json_to_recordset(${JSON.stringify(moves)}::json) as r(system text, account_id text, customer_id uuid, linked_by text)
    where i.org_id = ${orgId}::uuid and i.system = r.system and i.account_id = r.account_id`.execute(tx)
  const companies = moves.filter((move) => move.system === 'HUBSPOT')
  if (companies.length === 0) return
  await sql`
    update customers.companies c set customer_id = r.customer_id
    from json_to_recordset(${JSON.stringify(companies)}::json) as r(account_id uuid, customer_id uuid)
    where c.org_id = ${orgId}::uuid and c.id = r.account_id`.execute(tx)
}

/** An account as the graph and the events show it. */
export interface IdentityRow {
  system: System
  account_id: string
  external_id: string
  integration_id: string | null
  customer_id: string
  own_customer_id: string
  linked_by: LinkedBy
  name: string
  domain: string | null
  gone_at: Date | null
}

export const SHOWN = [
  'system',
  'account_id',
  'external_id',
  'integration_id',
  'customer_id',
  'own_customer_id',
  'linked_by',
  'name',
  'domain',
  'gone_at',
] as const

/** The accounts of customers, HubSpot's first: one statement. */
export const identitiesOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, IdentityRow[]>> => {
  const rows = await tx
    .selectFrom('customers.identities')
    .select(SHOWN)
    .where('org_id', '=', orgId)
    .where('customer_id', '=', sql<string>`any(${customerIds}::uuid[])`)
    .where('gone_at', 'is', null)
    .orderBy(sql`array_position(array['HUBSPOT','C3','WARP'], system)`)
    .orderBy('account_id')
    .execute()
  return Map.groupBy(rows as IdentityRow[], (row) => row.customer_id)
}

/** One account by the id it has in its system, or by the id that events carry. */
export const findAccount = async (
  tx: Transaction,
  orgId: string,
  system: System,
  accountId: string,
): Promise<IdentityRow | undefined> =>
  (await tx
    .selectFrom('customers.identities')
    .select(SHOWN)
    .where('org_id', '=', orgId)
    .where('system', '=', system)
    .where((eb) => eb.or([eb('external_id', '=', accountId), eb('account_id', '=', accountId)]))
    .orderBy('gone_at', (order) => order.asc().nullsFirst())
    .limit(1)
    .executeTakeFirst()) as IdentityRow | undefined

/** Whose the live accounts are that one system calls by this id, by connection: one statement. Several only where several connections have it. */
export const ownersOf = async (
  tx: Transaction,
  orgId: string,
  { system, accountId, integrationId }: { system: System; accountId: string; integrationId: string | null },
): Promise<string[]> => {
  const { rows } = await sql<{ customerId: string }>`
    select distinct customer_id as "customerId" from customers.identities
    where org_id = ${orgId}::uuid and system = ${system} and external_id = ${accountId} and gone_at is null
      and (${integrationId}::text is null or integration_id::text = ${integrationId}::text)
    limit 2`.execute(tx)
  return rows.map(({ customerId }) => customerId)
}

/** Whose the accounts of one system are, by the id that events carry: one statement. */
export const accountStates = async (
  tx: Transaction,
  orgId: string,
  system: System,
  accountIds: readonly string[],
): Promise<Map<string, { customerId: string; isGone: boolean }>> => {
  const rows = await tx
    .selectFrom('customers.identities')
    .select(['account_id', 'customer_id', 'gone_at'])
    .where('org_id', '=', orgId)
    .where('system', '=', system)
    .where('account_id', '=', sql<string>`any(${accountIds}::text[])`)
    .execute()
  return new Map(
    rows.map((row) => [row.account_id, { customerId: row.customer_id, isGone: row.gone_at !== null }]),
  )
}
