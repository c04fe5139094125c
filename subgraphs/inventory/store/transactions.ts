import { type RawBuilder, sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A line of trade as it is kept. */
export interface TransactionRow {
  id: string
  connectionId: string
  c3TransactionId: string
  kind: 'SALE' | 'RETURN' | 'PURCHASE'
  accountId: string | null
  supplierId: string | null
  rfqId: string | null
  componentId: string
  partNumber: string
  quantity: number
  /** Decimals. */
  unitPrice: string
  unitCost: string | null
  total: string
  currency: string
  at: Date
}

export interface TransactionChoice {
  kind: TransactionRow['kind'] | null
  from: Date | null
  before: Date | null
  componentId: string | null
}

const columns = sql`
  t.id, t.connection_id as "connectionId", t.c3_transaction_id as "c3TransactionId", t.kind, t.account_id as "accountId",
  t.supplier_id as "supplierId", t.rfq_id as "rfqId", t.component_id as "componentId", t.part_number as "partNumber", t.quantity,
  t.unit_price::text as "unitPrice", t.unit_cost::text as "unitCost", (t.unit_price * t.quantity)::text as total, t.currency,
  t.occurred_at as at`

const conditions = ({ kind, from, before, componentId }: TransactionChoice): RawBuilder<unknown> =>
  sql.join(
    [
      sql`t.deleted_at is null`,
      ...(kind === null ? [] : [sql`t.kind = ${kind}`]),
      ...(from === null ? [] : [sql`t.occurred_at >= ${from}::timestamptz`]),
      ...(before === null ? [] : [sql`t.occurred_at < ${before}::timestamptz`]),
      ...(componentId === null ? [] : [sql`t.component_id = ${componentId}::uuid`]),
    ],
    sql` and `,
  )

/** The transactions with these ids, one statement for all. */
export const transactionsById = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<TransactionRow[]> => {
  const { rows } = await sql<TransactionRow>`
    select ${columns} from inventory.transactions t
    where t.org_id = ${orgId} and t.id = any(${ids}::uuid[]) and t.deleted_at is null`.execute(tx)
  return rows
}

/** A page of a list of transactions, newest first: which, and from where on. */
export interface TransactionPage {
  choice: TransactionChoice
  limit: number
  /** Instant as ISO text, and id. */
  after: readonly [string, string] | null
}

const behind = (after: TransactionPage['after']): RawBuilder<unknown> =>
  after
    ? sql`and (t.occurred_at < ${after[0]}::timestamptz or (t.occurred_at = ${after[0]}::timestamptz and t.id > ${after[1]}::uuid))`
    : sql``

/** A page of all transactions. */
export const newestTransactions = async (
  tx: Transaction,
  orgId: string,
  { choice, limit, after }: TransactionPage,
): Promise<TransactionRow[]> => {
  const { rows } = await sql<TransactionRow>`
    select ${columns} from inventory.transactions t
    where t.org_id = ${orgId} and ${conditions(choice)} ${behind(after)}
    order by t.occurred_at desc, t.id limit ${limit}`.execute(tx)
  return rows
}

const ownersOf = (owners: readonly (readonly string[])[]): string =>
  JSON.stringify(owners.map((accounts, n) => ({ n, accounts })))

/** For each owner, by its accounts, its page of transactions; one statement for all owners. */
export const transactionPages = async (
  tx: Transaction,
  orgId: string,
  owners: readonly (readonly string[])[],
  { choice, limit, after }: TransactionPage,
): Promise<TransactionRow[][]> => {
  const { rows } = await sql<TransactionRow & { n: number }>`
    select p.n, r.* from jsonb_to_recordset(${ownersOf(owners)}::jsonb) as p(n int, accounts uuid[]),
    lateral (
      select ${columns} from inventory.transactions t
      where t.org_id = ${orgId} and t.account_id = any(p.accounts) and ${conditions(choice)} ${behind(after)}
      order by t.occurred_at desc, t.id limit ${limit}
    ) r order by p.n, r.at desc, r.id`.execute(tx)
  return owners.map((_, n) => rows.filter((row) => row.n === n))
}

/** How many transactions each owner has; null stands for all accounts. One statement for all owners. */
export const countTransactions = async (
  tx: Transaction,
  orgId: string,
  owners: readonly (readonly string[] | null)[],
  choice: TransactionChoice,
): Promise<number[]> => {
  const asked = JSON.stringify(owners.map((accounts, n) => ({ n, accounts })))
  const { rows } = await sql<{ count: number }>`
    select (
      select count(*) from inventory.transactions t
      where t.org_id = ${orgId} and (p.accounts is null or t.account_id = any(p.accounts)) and ${conditions(choice)}
    ) as count
    from jsonb_to_recordset(${asked}::jsonb) as p(n int, accounts uuid[]) order by p.n`.execute(tx)
  return rows.map((row) => row.count)
}

/** What an owner spent in a time, in one currency. */
export interface SpentAmount {
  /** Decimal. */
  amount: string
  currency: string
  sales: number
  returns: number
}

/** What each owner spent in a time, returns taken off, by currency; one statement for all owners. */
export const spendOf = async (
  tx: Transaction,
  orgId: string,
  owners: readonly (readonly string[])[],
  { from, until }: { from: Date; until: Date },
): Promise<SpentAmount[][]> => {
  const { rows } = await sql<SpentAmount & { n: number }>`
    select p.n, r.* from jsonb_to_recordset(${ownersOf(owners)}::jsonb) as p(n int, accounts uuid[]),
    lateral (
      select sum(case t.kind when 'SALE' then 1 else -1 end * t.quantity * t.unit_price)::text as amount, t.currency,
        count(*) filter (where t.kind = 'SALE') as sales, count(*) filter (where t.kind = 'RETURN') as returns
      from inventory.transactions t
      where t.org_id = ${orgId} and t.account_id = any(p.accounts) and t.deleted_at is null and t.kind in ('SALE', 'RETURN')
        and t.occurred_at >= ${from}::timestamptz and t.occurred_at < ${until}::timestamptz
      group by t.currency
    ) r order by p.n, r.currency`.execute(tx)
  return owners.map((_, n) => rows.filter((row) => row.n === n))
}

/** Writes transactions as C3 has them, one statement for all. */
export const upsertTransactions = async (
  tx: Transaction,
  orgId: string,
  transactions: readonly (Omit<TransactionRow, 'total' | 'at'> & {
    c3CustomerId: string | null
    c3SupplierId: string | null
    c3RfqId: string | null
    rfqLine: number | null
    c3StockId: string | null
    manufacturer: string
    at: string
    c3ModifiedAt: Date
    c3LastSync: Date
  })[],
): Promise<void> => {
  if (transactions.length === 0) return
  await sql`
    insert into inventory.transactions
      (org_id, id, connection_id, c3_transaction_id, kind, account_id, supplier_id, rfq_id, component_id, c3_customer_id,
       c3_supplier_id, c3_rfq_id, rfq_line, c3_stock_id, part_number, manufacturer, quantity, unit_price, unit_cost, currency,
       occurred_at, c3_modified_at, c3_last_sync)
    select ${orgId}::uuid, r."id", r."connectionId", r."c3TransactionId", r."kind", r."accountId", r."supplierId", r."rfqId",
      r."componentId", r."c3CustomerId", r."c3SupplierId", r."c3RfqId", r."rfqLine", r."c3StockId", r."partNumber",
      r."manufacturer", r."quantity", r."unitPrice", r."unitCost", r."currency", r."at", r."c3ModifiedAt", r."c3LastSync"
    from jsonb_to_recordset(${JSON.stringify(transactions)}::jsonb) as r(
      "id" uuid, "connectionId" uuid, "c3TransactionId" text, "kind" text, "accountId" uuid, "supplierId" uuid, "rfqId" uuid,
      "componentId" uuid, "c3CustomerId" text, "c3SupplierId" text, "c3RfqId" text, "rfqLine" int, "c3StockId" text,
      "partNumber" text, "manufacturer" text, "quantity" int, "unitPrice" numeric, "unitCost" numeric, "currency" text,
      "at" timestamptz, "c3ModifiedAt" timestamptz, "c3LastSync" timestamptz)
    on conflict (org_id, id) do update set
      kind = excluded.kind, account_id = excluded.account_id, supplier_id = excluded.supplier_id, rfq_id = excluded.rfq_id,
      component_id = excluded.component_id, c3_customer_id = excluded.c3_customer_id, c3_supplier_id = excluded.c3_supplier_id,
      c3_rfq_id = excluded.c3_rfq_id, rfq_line = excluded.rfq_line, c3_stock_id = excluded.c3_stock_id,
      part_number = excluded.part_number, manufacturer = excluded.manufacturer, quantity = excluded.quantity,
      unit_price = excluded.unit_price, unit_cost = excluded.unit_cost, currency = excluded.currency,
      occurred_at = excluded.occurred_at, c3_modified_at = excluded.c3_modified_at, c3_last_sync = excluded.c3_last_sync,
      deleted_at = null`.execute(tx)
}
