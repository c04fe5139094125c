import { sql } from 'kysely'
import type { RfqStatus } from '../domain/rfq.ts'
import type { Transaction } from './transaction.ts'

/** A request for prices as it is kept. */
export interface RfqRow {
  id: string
  connectionId: string
  accountId: string
  c3RfqId: string
  c3QuoteId: string | null
  number: string
  status: RfqStatus
  c3Status: string
  total: string | null
  currency: string
  buyer: string | null
  dueAt: Date | null
  lineCount: number
  syncConflict: boolean
  createdAt: Date
  c3LastSync: Date
  c3ModifiedAt: Date
}

const columns = sql`
  id, connection_id as "connectionId", account_id as "accountId", c3_rfq_id as "c3RfqId", c3_quote_id as "c3QuoteId",
  rfq_number as "number", status, c3_status as "c3Status", total, currency, buyer, due_at as "dueAt",
  line_count as "lineCount", sync_conflict as "syncConflict", created_at as "createdAt", c3_last_sync as "c3LastSync",
  c3_modified_at as "c3ModifiedAt"`

/** The requests with these ids, one statement for all. */
export const rfqsById = async (tx: Transaction, orgId: string, ids: readonly string[]): Promise<RfqRow[]> => {
  const { rows } = await sql<RfqRow>`
    select ${columns} from inventory.rfqs
    where org_id = ${orgId} and id = any(${ids}::uuid[]) and deleted_at is null`.execute(tx)
  return rows
}

/** A page of all requests by id, those behind `after`. */
export const rfqsAfter = async (
  tx: Transaction,
  orgId: string,
  after: string | null,
  limit: number,
): Promise<RfqRow[]> => {
  const behind = after === null ? sql`` : sql`and id > ${after}::uuid`
  const { rows } = await sql<RfqRow>`
    select ${columns} from inventory.rfqs
    where org_id = ${orgId} and deleted_at is null ${behind} order by id limit ${limit}`.execute(tx)
  return rows
}

/** One list of requests, newest first: of some accounts, or of all (null). */
export interface RfqPage {
  accountIds: readonly string[] | null
  status: RfqStatus | null
  limit: number
  /** Instant of creation as ISO text, and id. */
  after: readonly [string, string] | null
}

/** For each owner its page of requests; one statement for all owners, each page a walk over an index. */
export const rfqPages = async (
  tx: Transaction,
  orgId: string,
  asked: readonly RfqPage[],
): Promise<RfqRow[][]> => {
  const pages = JSON.stringify(
    asked.map((page, n) => ({
      n,
      accounts: page.accountIds,
      status: page.status,
      limit: page.limit,
      after_at: page.after?.[0] ?? null,
      after_id: page.after?.[1] ?? null,
    })),
  )
  const { rows } = await sql<RfqRow & { n: number }>`
    select p.n, r.* from jsonb_to_recordset(${pages}::jsonb)
      as p(n int, accounts uuid[], status text, "limit" int, after_at timestamptz, after_id uuid),
    lateral (
      select ${columns} from inventory.rfqs
      where org_id = ${orgId} and account_id = any(p.accounts) and deleted_at is null
        and (p.status is null or status = p.status)
        and (p.after_id is null or created_at < p.after_at or (created_at = p.after_at and id > p.after_id))
      order by created_at desc, id limit p."limit"
    ) r order by p.n, r."createdAt" desc, r.id`.execute(tx)
  return asked.map((_, n) => rows.filter((row) => row.n === n))
}

/** A page of all requests, newest first. */
export const newestRfqs = async (
  tx: Transaction,
  orgId: string,
  page: Omit<RfqPage, 'accountIds'>,
): Promise<RfqRow[]> => {
  const status = page.status ? sql`and status = ${page.status}` : sql``
  const behind = page.after
    ? sql`and (created_at < ${page.after[0]}::timestamptz
        or (created_at = ${page.after[0]}::timestamptz and id > ${page.after[1]}::uuid))`
    : sql``
  const { rows } = await sql<RfqRow>`
    select ${columns} from inventory.rfqs
    where org_id = ${orgId} and deleted_at is null ${status} ${behind}
    order by created_at desc, id limit ${page.limit}`.execute(tx)
  return rows
}

/** How many requests each owner has, in one state or in any; one statement for all owners. Null stands for all accounts. */
export const countRfqs = async (
  tx: Transaction,
  orgId: string,
  owners: readonly (readonly string[] | null)[],
  status: RfqStatus | null,
): Promise<number[]> => {
  const asked = JSON.stringify(owners.map((accounts, n) => ({ n, accounts })))
  const { rows } = await sql<{ n: number; count: number }>`
    select p.n, (
      select count(*) from inventory.rfqs
      where org_id = ${orgId} and deleted_at is null and (p.accounts is null or account_id = any(p.accounts))
        and (${status}::text is null or status = ${status}::text)
    ) as count
    from jsonb_to_recordset(${asked}::jsonb) as p(n int, accounts uuid[]) order by p.n`.execute(tx)
  return rows.map((row) => row.count)
}

/** Writes requests as C3 has them, one statement for all. `lines` is JSON text. */
export const upsertRfqs = async (
  tx: Transaction,
  orgId: string,
  rfqs: readonly (Omit<RfqRow, 'syncConflict' | 'createdAt' | 'dueAt'> & {
    c3CustomerId: string
    lines: string
    createdAt: string
    dueAt: string | null
  })[],
): Promise<void> => {
  if (rfqs.length === 0) return
  await sql`
    insert into inventory.rfqs
      (org_id, id, connection_id, account_id, c3_customer_id, c3_rfq_id, c3_quote_id, rfq_number, status, c3_status, total, currency,
       buyer, due_at, lines, line_count, c3_last_sync, c3_modified_at, created_at, updated_at)
    select ${orgId}::uuid, r."id", r."connectionId", r."accountId", r."c3CustomerId", r."c3RfqId", r."c3QuoteId", r."number", r."status",
      r."c3Status", r."total", r."currency", r."buyer", r."dueAt", r."lines"::json, r."lineCount", r."c3LastSync", r."c3ModifiedAt",
      r."createdAt", r."c3LastSync"
    from jsonb_to_recordset(${JSON.stringify(rfqs)}::jsonb) as r(
      "id" uuid, "connectionId" uuid, "accountId" uuid, "c3CustomerId" text, "c3RfqId" text, "c3QuoteId" text, "number" text, "status" text,
      "c3Status" text, "total" numeric, "currency" text, "buyer" text, "dueAt" timestamptz, "lines" text,
      "lineCount" int, "c3LastSync" timestamptz, "c3ModifiedAt" timestamptz, "createdAt" timestamptz)
    on conflict (org_id, id) do update set
      account_id = excluded.account_id, c3_customer_id = excluded.c3_customer_id, c3_quote_id = excluded.c3_quote_id, rfq_number = excluded.rfq_number,
      status = excluded.status, c3_status = excluded.c3_status, total = excluded.total, currency = excluded.currency,
      buyer = excluded.buyer, due_at = excluded.due_at, lines = excluded.lines, line_count = excluded.line_count,
      c3_last_sync = excluded.c3_last_sync, c3_modified_at = excluded.c3_modified_at, created_at = excluded.created_at, updated_at = excluded.updated_at,
      deleted_at = null`.execute(tx)
}
