import { sql } from 'kysely'
import { type ToldIdentity, toldIdentity } from '../domain/telling.ts'
import { identitiesOf } from './identities.ts'
import type { Transaction } from './transaction.ts'

/** A customer whose accounts changed; `into` is the customer that has them now, should it have none left. */
export interface Affected {
  id: string
  into: string | null
}

/** A customer that begins with one account. */
export interface NewCustomer {
  id: string
  name: string
  normal_name: string
  domain: string | null
  industry: string | null
  lifecycle_stage: string | null
  owner_id: string | null
  lead_company_id: string | null
  kind: string
}

/** Writes customers that are not there yet: one statement. @returns the ids of those that were new */
export const insertCustomers = async (
  tx: Transaction,
  orgId: string,
  rows: readonly NewCustomer[],
  at: Date,
): Promise<Set<string>> => {
  if (rows.length === 0) return new Set()
  const { rows: written } = await sql<{ id: string }>`
    insert into customers.customers (org_id, id, name, normal_name, domain, industry, lifecycle_stage, owner_id, lead_company_id,
      kind, told_accounts, health_as_of, created_at, updated_at)
    select ${orgId}::uuid, r.id, r.name, r.normal_name, r.domain, r.industry, r.lifecycle_stage, r.owner_id, r.lead_company_id,
      r.kind, case when r.lead_company_id is null then '{}' else array['HUBSPOT ' || r.lead_company_id] end, null, ${at}::timestamptz, ${at}::timestamptz
    from json_to_recordset(${JSON.stringify(rows)}::json) as r(id uuid, name text, normal_name text, domain text, industry text,
      lifecycle_stage text, owner_id uuid, lead_company_id uuid, kind text)
    on conflict (id) do nothing returning id`.execute(tx)
  return new Set(written.map((row) => row.id))
}

/**
 * Makes customers say what their accounts say: first the oldest live company of the portal that speaks first, then other systems' accounts.
 * A customer without a live account is gone. One statement.
 */
export const refreshCustomers = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
  at: Date,
): Promise<void> => {
  if (ids.length === 0) return
  await sql`
    update customers.customers c set
      name = coalesce(s.company_name, s.account_name, c.name),
      normal_name = coalesce(s.company_normal, s.account_normal, c.normal_name),
      domain = case when s.company_id is not null or s.account_name is not null then coalesce(s.company_domain, s.account_domain) else c.domain end,
      -- What a company said that is with another customer now goes with it; one that is gone leaves what it said.
      industry = case when s.company_id is not null or not s.has_lead then s.industry else c.industry end,
      lifecycle_stage = case when s.company_id is not null or not s.has_lead then s.lifecycle_stage else c.lifecycle_stage end,
      owner_id = case when s.company_id is not null or not s.has_lead then s.owner_id else c.owner_id end,
      lead_company_id = case when s.company_id is not null or not s.has_lead then s.company_id else c.lead_company_id end,
      kind = case when s.company_id is null and s.account_name is null then c.kind
        when s.buys and s.sells then 'BOTH' when s.buys then 'CUSTOMER' when s.sells then 'SUPPLIER' when s.may_buy then 'PROSPECT'
        else 'OTHER' end,
      gone_at = case when s.company_id is null and s.account_name is null then coalesce(c.gone_at, ${at}::timestamptz) end,
      updated_at = ${at}::timestamptz
    from (
      select k.id, l.id as company_id, l.name as company_name, l.normal_name as company_normal, l.domain as company_domain, l.industry,
        l.lifecycle_stage, l.owner_id, i.name as account_name, i.normal_name as account_normal, i.domain as account_domain,
        -- As combineKinds has it; whoever has an account at C3 or WARP buys.
        coalesce(m.buys, false) or i.name is not null as buys, m.sells, m.may_buy,
        -- Whoever has no account left keeps what was said of him: his id answers the customer that has them.
        i.name is null or exists (
          select from customers.companies co
          where co.org_id = ${orgId}::uuid and co.customer_id = k.id and co.id = cu.lead_company_id
        ) as has_lead
      from unnest(${ids}::uuid[]) as k(id)
      join customers.customers cu on cu.org_id = ${orgId}::uuid and cu.id = k.id
      left join lateral (
        select co.* from customers.companies co join customers.integrations n on n.org_id = co.org_id and n.id = co.integration_id
        where co.org_id = ${orgId}::uuid and co.customer_id = k.id and co.gone_at is null
        order by n.rank, co.source_created_at nulls last, co.id limit 1
      ) l on true
      left join lateral (
        select name, normal_name, domain from customers.identities i
        where i.org_id = ${orgId}::uuid and i.customer_id = k.id and i.gone_at is null and i.system <> 'HUBSPOT'
        order by i.system, i.account_id limit 1
      ) i on true
      left join lateral (
        select bool_or(co.kind in ('CUSTOMER', 'BOTH')) as buys, bool_or(co.kind in ('SUPPLIER', 'BOTH')) as sells,
          bool_or(co.kind = 'PROSPECT') as may_buy
        from customers.companies co
        where co.org_id = ${orgId}::uuid and co.customer_id = k.id and co.gone_at is null
      ) m on true
    ) s
    where c.id = s.id and c.org_id = ${orgId}::uuid`.execute(tx)
}

/**
 * After accounts have moved, come or gone: raises the customers' versions, merges those that were left without an account,
 * refreshes what they say. Three statements.
 * @returns who they are now, for the event
 */
export const settleIdentities = async (
  tx: Transaction,
  orgId: string,
  affected: readonly Affected[],
  at: Date,
): Promise<ToldIdentity[]> => {
  const intoOf = new Map(affected.map(({ id, into }) => [id, into]))
  const ids = [...intoOf.keys()]
  if (ids.length === 0) return []
  const { rows } = await sql<{
    id: string
    identity_version: number
    merged_into: string | null
    was: string[]
  }>`
    update customers.customers c set identity_version = identity_version + 1,
      told_accounts = coalesce(n.accounts, '{}'),
      merged_into = case when n.accounts is null then coalesce(r."into", c.merged_into) end
    from json_to_recordset(${JSON.stringify(ids.map((id) => ({ id, into: intoOf.get(id) })))}::json) as r(id uuid, "into" uuid)
    left join lateral (
      select array_agg(i.system || ' ' || i.account_id order by i.system, i.account_id) as accounts from customers.identities i
      where i.org_id = ${orgId}::uuid and i.customer_id = r.id and i.gone_at is null
    ) n on true
    where c.id = r.id and c.org_id = ${orgId}::uuid
    returning c.id, c.identity_version, c.merged_into, old.told_accounts as was`.execute(tx)
  await refreshCustomers(tx, orgId, ids, at)
  const accounts = await identitiesOf(tx, orgId, ids)
  return rows.map((row) => toldIdentity(row, accounts.get(row.id) ?? []))
}
