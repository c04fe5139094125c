import { sql } from 'kysely'
import type { OrderKey } from '../domain/orders.ts'
import type { Transaction } from './transaction.ts'

/** The lines of trade of an order, added up part by part. */
export interface OrderRow extends OrderKey {
  /** The moment of its first line. */
  orderedAt: Date
  /** When C3 says that one of its lines changed last. */
  observedAt: Date
  /** Decimal. */
  total: string
  lines: {
    componentId: string
    manufacturer: string
    /** Null where nobody has told of the part, or not that. */
    category: string | null
    family: string | null
    quantity: number
    /** Decimal. */
    amount: string
  }[]
}

const day = sql`(t.occurred_at at time zone 'UTC')::date`

/**
 * Whoever writes lines of trade or the categories of parts takes turns within the organisation: of two at once each would tell of orders as
 * they are without what the other writes.
 */
export const lockOrders = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('inventory.orders ' || ${orgId}, 0))`.execute(tx)
}

/** The orders that lines of trade belong to, as the lines stand; one statement for all. */
export const orderKeysOf = async (
  tx: Transaction,
  orgId: string,
  transactionIds: readonly string[],
): Promise<OrderKey[]> => {
  if (transactionIds.length === 0) return []
  const { rows } = await sql<OrderKey>`
    select distinct t.account_id as "accountId", ${day}::text as day, t.currency, t.kind
    from inventory.transactions t
    where t.org_id = ${orgId} and t.id = any(${transactionIds}::uuid[]) and t.deleted_at is null
      and t.account_id is not null and t.kind in ('SALE', 'RETURN')`.execute(tx)
  return rows
}

/** The orders with parts of which another category or family is held than they are about to have; one statement for all. */
export const orderKeysOfParts = async (
  tx: Transaction,
  orgId: string,
  parts: readonly { id: string; category: string | null; family: string | null }[],
): Promise<OrderKey[]> => {
  if (parts.length === 0) return []
  const { rows } = await sql<OrderKey>`
    select distinct t.account_id as "accountId", ${day}::text as day, t.currency, t.kind
    from json_to_recordset(${JSON.stringify(parts)}::json) as p(id uuid, category text, family text)
    left join inventory.components c on c.org_id = ${orgId}::uuid and c.id = p.id
    join inventory.transactions t on t.org_id = ${orgId}::uuid and t.component_id = p.id
    where (c.category, c.family) is distinct from (p.category, p.family) and t.deleted_at is null
      and t.account_id is not null and t.kind in ('SALE', 'RETURN')`.execute(tx)
  return rows
}

const partly = sql`
  select t.account_id, ${day} as day, t.currency, t.kind, t.component_id, min(t.manufacturer) as manufacturer,
    min(t.occurred_at) as first_at, max(t.c3_modified_at) as changed_at, sum(t.quantity) as quantity,
    sum(t.quantity * t.unit_price) as amount
  from inventory.transactions t`

const whole = sql`
  select p.account_id as "accountId", p.day::text as day, p.currency, p.kind, min(p.first_at) as "orderedAt",
    max(p.changed_at) as "observedAt", sum(p.amount)::text as total,
    json_agg(json_build_object('componentId', p.component_id, 'manufacturer', p.manufacturer, 'category', c.category,
      'family', c.family, 'quantity', p.quantity, 'amount', p.amount::text) order by p.component_id) as lines
  from partly p left join inventory.components c on c.org_id = current_setting('hub.org_id')::uuid and c.id = p.component_id
  group by p.account_id, p.day, p.currency, p.kind order by p.account_id, p.day, p.currency, p.kind`

/** These orders; one of which no line is left is absent. One statement for all. */
export const ordersByKey = async (
  tx: Transaction,
  orgId: string,
  keys: readonly OrderKey[],
): Promise<OrderRow[]> => {
  if (keys.length === 0) return []
  const { rows } = await sql<OrderRow>`
    with partly as (
      ${partly} join json_to_recordset(${JSON.stringify(keys)}::json) as k("accountId" uuid, day date, currency text, kind text)
        on t.account_id = k."accountId" and t.currency = k.currency and t.kind = k.kind
        and t.occurred_at >= k.day::timestamp at time zone 'UTC' and t.occurred_at < (k.day + 1)::timestamp at time zone 'UTC'
      where t.org_id = ${orgId} and t.deleted_at is null
      group by 1, 2, 3, 4, 5
    ) ${whole}`.execute(tx)
  return rows
}

/** All orders of these accounts; one statement for all. */
export const ordersOfAccounts = async (
  tx: Transaction,
  orgId: string,
  accountIds: readonly string[],
): Promise<OrderRow[]> => {
  const { rows } = await sql<OrderRow>`
    with partly as (
      ${partly}
      where t.org_id = ${orgId} and t.account_id = any(${accountIds}::uuid[]) and t.deleted_at is null
        and t.kind in ('SALE', 'RETURN')
      group by 1, 2, 3, 4, 5
    ) ${whole}`.execute(tx)
  return rows
}
