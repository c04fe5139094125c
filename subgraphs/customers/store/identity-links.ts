import { sql } from 'kysely'
import type { AccountKey } from '../domain/matching/judgement.ts'
import { nameOfKey } from '../domain/matching/resolve.ts'
import type { Parting } from '../domain/parting.ts'
import { type IdentityRow, SHOWN, type System } from './identities.ts'
import type { Transaction } from './transaction.ts'

/** An account as somebody names it: by the id it has in its system, or the one that events carry. */
export interface NamedAccount {
  system: System
  accountId: string
}

/** An account of a customer, as it was named. */
export interface LinkedAccount extends Parting {
  customer_id: string
}

/** The accounts of a customer that are named, in the order asked; undefined for one that it has not. One statement. */
export const accountsNamed = async (
  tx: Transaction,
  orgId: string,
  customerId: string,
  named: readonly NamedAccount[],
): Promise<(LinkedAccount | undefined)[]> => {
  const { rows } = await sql<LinkedAccount & { n: number }>`
    select distinct on (k.n) k.n::integer as n, i.system, i.account_id, i.customer_id, i.own_customer_id, i.linked_from::text[], i.linked_before
    from unnest(${named.map(({ system }) => system)}::text[], ${named.map(({ accountId }) => accountId)}::text[])
      with ordinality as k(system, id, n)
    join customers.identities i on i.org_id = ${orgId}::uuid and i.customer_id = ${customerId}::uuid and i.system = k.system
      and (i.external_id = k.id or i.account_id = k.id) and i.gone_at is null
    order by k.n, i.account_id`.execute(tx)
  const found = new Map(rows.map(({ n, ...row }) => [n, row]))
  return named.map((_, n) => found.get(n + 1))
}

/** Accounts in the order asked; undefined for one that nobody knows. One statement. */
export const accountsByKey = async (
  tx: Transaction,
  orgId: string,
  keys: readonly AccountKey[],
): Promise<(IdentityRow | undefined)[]> => {
  const found = await accountsByName(tx, orgId, keys.map(nameOfKey))
  return keys.map((key) => found.get(nameOfKey(key)))
}

/** Accounts by system and id in one word, as `nameOfKey` has it, gone ones too: one statement. */
export const accountsByName = async (
  tx: Transaction,
  orgId: string,
  names: readonly string[],
): Promise<Map<string, IdentityRow>> => {
  const systems = names.map((name) => name.slice(0, name.indexOf(' ')))
  const ids = names.map((name) => name.slice(name.indexOf(' ') + 1))
  const rows = (await tx
    .selectFrom('customers.identities')
    .select(SHOWN)
    .where('org_id', '=', orgId)
    .where(sql<boolean>`(system, account_id) in (select * from unnest(${systems}::text[], ${ids}::text[]))`)
    .execute()) as IdentityRow[]
  return new Map(rows.map((row) => [`${row.system} ${row.account_id}`, row]))
}

type Key = Pick<Parting, 'system' | 'account_id'>

/** Notes where an account is and how it came there, before somebody links it elsewhere: one statement. */
export const noteLinkedFrom = async (
  tx: Transaction,
  orgId: string,
  { system, account_id }: Key,
): Promise<void> => {
  await sql`
    update customers.identities
    set linked_from = array_append(linked_from, customer_id), linked_before = array_append(linked_before, linked_by)
    where org_id = ${orgId}::uuid and system = ${system} and account_id = ${account_id}`.execute(tx)
}

/**
 * Forgets where accounts were before somebody linked them, once they are a customer again: of those that it was the last, all else of the
 * others. One statement.
 */
export const forgetLinkedFrom = async (
  tx: Transaction,
  orgId: string,
  accounts: readonly Key[],
  customerId: string,
): Promise<void> => {
  const isBack = sql`linked_from[cardinality(linked_from)] = ${customerId}::uuid`
  await sql`
    update customers.identities i set
      linked_from = case when ${isBack} then trim_array(linked_from, 1) else '{}' end,
      linked_before = case when ${isBack} then trim_array(linked_before, 1) else '{}' end
    from json_to_recordset(${JSON.stringify(accounts)}::json) as r(system text, account_id text)
    where i.org_id = ${orgId}::uuid and i.system = r.system and i.account_id = r.account_id`.execute(tx)
}

/** The ids that accounts have in their systems, by system and the id that events carry: one statement. */
export const externalIdsOf = async (
  tx: Transaction,
  orgId: string,
  accounts: readonly NamedAccount[],
): Promise<Map<string, string>> => {
  const { rows } = await sql<{ name: string; external_id: string }>`
    select i.system || ' ' || i.account_id as name, i.external_id
    from unnest(${accounts.map(({ system }) => system)}::text[], ${accounts.map(({ accountId }) => accountId)}::text[]) as k(system, id)
    join customers.identities i on i.org_id = ${orgId}::uuid and i.system = k.system and i.account_id = k.id`.execute(
    tx,
  )
  return new Map(rows.map(({ name, external_id }) => [name, external_id]))
}
