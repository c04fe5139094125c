import { sql } from 'kysely'
import { type ToldIdentity, toldIdentity } from '../domain/telling.ts'
import { refreshCustomers } from './golden.ts'
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
 * After accounts have moved, come or gone: raises the customers' versions, merges those that were left without an account,
 * refreshes what they say. Five statements.
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
