import { sql } from 'kysely'
import type { AccountDomain } from '../domain/domains.ts'
import type { AccountSystem } from '../domain/signal.ts'
import type { Transaction } from './transaction.ts'

/** Keeps which web domains accounts have, each account once; what was said earlier than what is held changes nothing. One statement. */
export const keepDomains = async (
  tx: Transaction,
  orgId: string,
  said: readonly (AccountDomain & { sourcePos: number })[],
): Promise<void> => {
  if (said.length === 0) return
  await sql`
    insert into insights.domains as d (org_id, account_system, account_id, domain, source_pos)
    select ${orgId}::uuid, r."accountSystem", r."accountId", r.domain, r."sourcePos"
    from json_to_recordset(${JSON.stringify(said)}::json)
      as r("accountSystem" text, "accountId" text, domain text, "sourcePos" bigint)
    on conflict (org_id, account_system, account_id) do update set domain = excluded.domain, source_pos = excluded.source_pos
    where d.source_pos < excluded.source_pos`.execute(tx)
}

export interface OwnAccount {
  system: AccountSystem
  accountId: string
}

/** Those of these accounts that some customer has; one statement for all. */
export const accountsKnown = async (
  tx: Transaction,
  orgId: string,
  accounts: readonly OwnAccount[],
): Promise<OwnAccount[]> => {
  if (accounts.length === 0) return []
  const { rows } = await sql<OwnAccount>`
    select distinct a.system, a.account_id as "accountId"
    from json_to_recordset(${JSON.stringify(accounts)}::json) as r(system text, "accountId" text)
    join insights.accounts a on a.org_id = ${orgId}::uuid and a.system = r.system and a.account_id = r."accountId"`.execute(
    tx,
  )
  return rows
}

/** The web domain of each of these customers that has one: of its HubSpot company, the first by its id. One statement for all. */
export const domainsOfCompanies = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, { companyId: string; domain: string }>> => {
  if (customerIds.length === 0) return new Map()
  const { rows } = await sql<{ customerId: string; companyId: string; domain: string }>`
    select distinct on (a.customer_id) a.customer_id as "customerId", d.account_id as "companyId", d.domain
    from insights.accounts a
    join insights.domains d on d.org_id = a.org_id and d.account_system = a.system and d.account_id = a.account_id
    where a.org_id = ${orgId}::uuid and a.customer_id = any(${customerIds}::text[]) and a.system = 'HUBSPOT'
      and d.domain is not null
    order by a.customer_id, d.account_id`.execute(tx)
  return new Map(rows.map(({ customerId, ...company }) => [customerId, company]))
}

/** Who has a web domain: how many customers, and the first account of one. */
export interface DomainOwner extends OwnAccount {
  domain: string
  customers: number
}

/** Whose these web domains are, HubSpot's companies first, then C3's customers; nobody's are absent. One statement for all. */
export const ownersOfDomains = async (
  tx: Transaction,
  orgId: string,
  domains: readonly string[],
): Promise<DomainOwner[]> => {
  if (domains.length === 0) return []
  const { rows } = await sql<DomainOwner>`
    select d.domain, count(distinct a.customer_id)::int as customers,
      (array_agg(a.system order by array_position(array['HUBSPOT', 'C3', 'WARP'], a.system), a.account_id))[1] as system,
      (array_agg(a.account_id order by array_position(array['HUBSPOT', 'C3', 'WARP'], a.system), a.account_id))[1] as "accountId"
    from insights.domains d
    join insights.accounts a on a.org_id = d.org_id and a.system = d.account_system and a.account_id = d.account_id
    where d.org_id = ${orgId}::uuid and d.domain = any(${domains}::text[])
    group by d.domain`.execute(tx)
  return rows
}
