import { type RawBuilder, sql } from 'kysely'
import type { AccountStatus, TrunkStatus } from '../domain/account-life.ts'
import { accountColumns, type BillingAccountRow } from './accounts.ts'
import { type TrunkRow, trunkColumns } from './assets.ts'
import type { Transaction } from './transaction.ts'

/** Which accounts. What is null does not narrow. */
export interface AccountChoice {
  statuses: readonly AccountStatus[] | null
  tiers: readonly BillingAccountRow['tier'][] | null
  paymentStatuses: readonly BillingAccountRow['paymentStatus'][] | null
  /** A part of the name or domain, or how the number begins. */
  search: string | null
}

/** Which trunks. What is null does not narrow. */
export interface TrunkChoice {
  ban: string | null
  /** Null: all that are not taken down. */
  statuses: readonly TrunkStatus[] | null
  /** A part of the name. */
  name: string | null
  /** An address or network that is theirs, or lies in one of theirs, or holds one. */
  address: string | null
}

/** A page of a list: name, and what orders those of one name. */
export interface ListPage {
  limit: number
  after: readonly [string, string] | null
}

// Not a pattern: a percent sign that somebody looks for is a percent sign.
const holds = (column: RawBuilder<unknown>, part: string) => sql`strpos(lower(${column}), lower(${part})) > 0`

const accountsIn = (orgId: string, choice: AccountChoice): RawBuilder<unknown> => {
  const { statuses, tiers, paymentStatuses, search } = choice
  return sql.join(
    [
      sql`b.org_id = ${orgId}`,
      ...(statuses === null ? [] : [sql`b.status = any(${statuses}::text[])`]),
      ...(tiers === null ? [] : [sql`b.tier = any(${tiers}::text[])`]),
      ...(paymentStatuses === null ? [] : [sql`b.payment_status = any(${paymentStatuses}::text[])`]),
      ...(search === null
        ? []
        : [
            sql`(${holds(sql`b.name`, search)} or ${holds(sql`b.domain`, search)} or starts_with(b.ban, upper(${search})))`,
          ]),
    ],
    sql` and `,
  )
}

/** A page of accounts by name. */
export const accountPage = async (
  tx: Transaction,
  orgId: string,
  choice: AccountChoice,
  { limit, after }: ListPage,
): Promise<BillingAccountRow[]> => {
  const behind = after ? sql`and (b.name, b.ban) > (${after[0]}, ${after[1]})` : sql``
  const { rows } = await sql<BillingAccountRow>`
    select ${accountColumns} from telephony.billing_accounts b where ${accountsIn(orgId, choice)} ${behind}
    order by b.name, b.ban limit ${limit}`.execute(tx)
  return rows
}

/** How many accounts a choice has. */
export const countAccounts = async (
  tx: Transaction,
  orgId: string,
  choice: AccountChoice,
): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from telephony.billing_accounts b where ${accountsIn(orgId, choice)}`.execute(
    tx,
  )
  return rows[0]!.n
}

const trunksIn = (orgId: string, { ban, statuses, name, address }: TrunkChoice): RawBuilder<unknown> =>
  sql.join(
    [
      sql`t.org_id = ${orgId}`,
      ...(ban === null ? [] : [sql`t.ban = ${ban}`]),
      statuses === null ? sql`t.status <> 'DELETED'` : sql`t.status = any(${statuses}::text[])`,
      ...(name === null ? [] : [holds(sql`t.name`, name)]),
      ...(address === null
        ? []
        : [sql`exists (select from unnest(t.ip_addresses) as a(x) where a.x && ${address}::inet)`]),
    ],
    sql` and `,
  )

/** A page of trunks by name. */
export const trunkList = async (
  tx: Transaction,
  orgId: string,
  choice: TrunkChoice,
  { limit, after }: ListPage,
): Promise<TrunkRow[]> => {
  const behind = after ? sql`and (t.name, t.id) > (${after[0]}, ${after[1]}::uuid)` : sql``
  const { rows } = await sql<TrunkRow>`
    select ${trunkColumns} from telephony.trunks t where ${trunksIn(orgId, choice)} ${behind}
    order by t.name, t.id limit ${limit}`.execute(tx)
  return rows
}

/** How many trunks a choice has. */
export const countTrunks = async (tx: Transaction, orgId: string, choice: TrunkChoice): Promise<number> => {
  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from telephony.trunks t where ${trunksIn(orgId, choice)}`.execute(tx)
  return rows[0]!.n
}
