import { type RawBuilder, sql } from 'kysely'
import type { RfqStatus } from '../domain/rfq.ts'
import { beginsWith } from './beginning.ts'
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
  note: string | null
  dueAt: Date | null
  lineCount: number
  createdAt: Date
  c3LastSync: Date
  c3ModifiedAt: Date
  /** Rises with every change that somebody can see. */
  version: number
}

/** What a RfqRow is selected by, from inventory.rfqs. */
export const rfqColumns = sql`
  rfqs.id, rfqs.connection_id as "connectionId", rfqs.account_id as "accountId", rfqs.c3_rfq_id as "c3RfqId",
  rfqs.c3_quote_id as "c3QuoteId", rfqs.rfq_number as "number", rfqs.status, rfqs.c3_status as "c3Status", rfqs.total, rfqs.currency,
  rfqs.buyer, rfqs.note, rfqs.due_at as "dueAt", rfqs.line_count as "lineCount",
  rfqs.created_at as "createdAt", rfqs.c3_last_sync as "c3LastSync", rfqs.c3_modified_at as "c3ModifiedAt", rfqs.version`

/** The requests with these ids, one statement for all. */
export const rfqsById = async (tx: Transaction, orgId: string, ids: readonly string[]): Promise<RfqRow[]> => {
  const { rows } = await sql<RfqRow>`
    select ${rfqColumns} from inventory.rfqs
    where org_id = ${orgId} and id = any(${ids}::uuid[]) and deleted_at is null`.execute(tx)
  return rows
}

/** The requests that C3 knows by an id, at most two, since several connections may have it: one statement. Gone ones are absent. */
export const rfqsKnownBy = async (
  tx: Transaction,
  orgId: string,
  { c3Id, connectionId }: { c3Id: string; connectionId: string | null },
): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    select id from inventory.rfqs
    where org_id = ${orgId} and deleted_at is null and c3_rfq_id = ${c3Id}
      and connection_id in (select c.id from inventory.integrations c
        where c.org_id = ${orgId} and (${connectionId}::uuid is null or c.id = ${connectionId}::uuid))
    order by id limit 2`.execute(tx)
  return rows.map((row) => row.id)
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
    select ${rfqColumns} from inventory.rfqs
    where org_id = ${orgId} and deleted_at is null ${behind} order by id limit ${limit}`.execute(tx)
  return rows
}

/** Which requests. What is null does not narrow. */
export interface RfqChoice {
  statuses: readonly RfqStatus[] | null
  /** Of this customer, as customers says. */
  customerId: string | null
  /** An answer is wanted from this moment on, and before that one. */
  dueFrom: Date | null
  dueBefore: Date | null
  hasConflict: boolean | null
  /** How its number begins. */
  number: string | null
}

/** All requests. */
export const EVERY_RFQ: RfqChoice = {
  ...{ statuses: null, customerId: null, dueFrom: null, dueBefore: null, hasConflict: null, number: null },
}

const conditions = (orgId: string, choice: RfqChoice): RawBuilder<unknown> => {
  const { statuses, customerId, dueFrom, dueBefore, hasConflict, number } = choice
  const disputed = sql`exists (select from sync.decisions d
    where d.org_id = rfqs.org_id and d.local_id = rfqs.id and d.outcome = 'open')`
  return sql.join(
    [
      sql`rfqs.deleted_at is null`,
      ...(statuses === null ? [] : [sql`rfqs.status = any(${statuses}::text[])`]),
      ...(customerId === null
        ? []
        : [
            sql`rfqs.account_id in (select a.account_id from inventory.account_customers a
              where a.org_id = ${orgId} and a.customer_id = ${customerId})`,
          ]),
      ...(dueFrom === null ? [] : [sql`rfqs.due_at >= ${dueFrom}::timestamptz`]),
      ...(dueBefore === null ? [] : [sql`rfqs.due_at < ${dueBefore}::timestamptz`]),
      ...(hasConflict === null ? [] : [hasConflict ? disputed : sql`not ${disputed}`]),
      ...(number === null ? [] : [beginsWith(sql`rfqs.rfq_number`, number)]),
    ],
    sql` and `,
  )
}

/** A page of requests, newest first. */
export interface RfqPage {
  choice: RfqChoice
  limit: number
  /** Instant of creation as ISO text, and id. */
  after: readonly [string, string] | null
}

const behind = (after: RfqPage['after']): RawBuilder<unknown> =>
  after
    ? sql`and (rfqs.created_at < ${after[0]}::timestamptz
        or (rfqs.created_at = ${after[0]}::timestamptz and rfqs.id > ${after[1]}::uuid))`
    : sql``

const ownersOf = (owners: readonly (readonly string[] | null)[]): string =>
  JSON.stringify(owners.map((accounts, n) => ({ n, accounts })))

/** For each owner, by its accounts, its page of requests; one statement for all owners, each page a walk over an index. */
export const rfqPages = async (
  tx: Transaction,
  orgId: string,
  owners: readonly (readonly string[])[],
  { choice, limit, after }: RfqPage,
): Promise<RfqRow[][]> => {
  const { rows } = await sql<RfqRow & { n: number }>`
    select p.n, r.* from jsonb_to_recordset(${ownersOf(owners)}::jsonb) as p(n int, accounts uuid[]),
    lateral (
      select ${rfqColumns} from inventory.rfqs
      where rfqs.org_id = ${orgId} and rfqs.account_id = any(p.accounts) and ${conditions(orgId, choice)} ${behind(after)}
      order by rfqs.created_at desc, rfqs.id limit ${limit}
    ) r order by p.n, r."createdAt" desc, r.id`.execute(tx)
  return owners.map((_, n) => rows.filter((row) => row.n === n))
}

/** A page of all requests, newest first. */
export const newestRfqs = async (
  tx: Transaction,
  orgId: string,
  { choice, limit, after }: RfqPage,
): Promise<RfqRow[]> => {
  const { rows } = await sql<RfqRow>`
    select ${rfqColumns} from inventory.rfqs
    where rfqs.org_id = ${orgId} and ${conditions(orgId, choice)} ${behind(after)}
    order by rfqs.created_at desc, rfqs.id limit ${limit}`.execute(tx)
  return rows
}

/** How many requests of a choice each owner has; one statement for all owners. Null stands for all accounts. */
export const countRfqs = async (
  tx: Transaction,
  orgId: string,
  owners: readonly (readonly string[] | null)[],
  choice: RfqChoice,
): Promise<number[]> => {
  const { rows } = await sql<{ count: number }>`
    select (
      select count(*) from inventory.rfqs
      where rfqs.org_id = ${orgId} and (p.accounts is null or rfqs.account_id = any(p.accounts)) and ${conditions(orgId, choice)}
    ) as count
    from jsonb_to_recordset(${ownersOf(owners)}::jsonb) as p(n int, accounts uuid[]) order by p.n`.execute(tx)
  return rows.map((row) => row.count)
}

/** What requests in one currency are worth together. */
export interface RfqTotalRow {
  /** Decimal. */
  amount: string
  currency: string
  rfqs: number
}

/** What the requests of a choice are worth to each owner, by currency; one statement for all owners. Null stands for all accounts. */
export const rfqTotals = async (
  tx: Transaction,
  orgId: string,
  owners: readonly (readonly string[] | null)[],
  choice: RfqChoice,
): Promise<RfqTotalRow[][]> => {
  const { rows } = await sql<RfqTotalRow & { n: number }>`
    select p.n, r.* from jsonb_to_recordset(${ownersOf(owners)}::jsonb) as p(n int, accounts uuid[]),
    lateral (
      select coalesce(sum(rfqs.total), 0)::text as amount, rfqs.currency, count(*) as rfqs from inventory.rfqs
      where rfqs.org_id = ${orgId} and (p.accounts is null or rfqs.account_id = any(p.accounts)) and ${conditions(orgId, choice)}
      group by rfqs.currency
    ) r order by p.n, r.currency`.execute(tx)
  return owners.map((_, n) => rows.filter((row) => row.n === n))
}

/** Something of a request that C3 knows nothing of was changed here. */
export const touchRfq = async (tx: Transaction, orgId: string, id: string, at: Date): Promise<void> => {
  await sql`update inventory.rfqs set version = version + 1, updated_at = ${at}::timestamptz
    where org_id = ${orgId} and id = ${id}::uuid`.execute(tx)
}

/**
 * Writes requests as C3 has them, or as they were changed here: one statement for all. `lines` and `reservations` are JSON texts;
 * `c3LastSync` is moved on and never back.
 */
export const upsertRfqs = async (
  tx: Transaction,
  orgId: string,
  rfqs: readonly (Omit<RfqRow, 'createdAt' | 'dueAt' | 'version'> & {
    c3CustomerId: string
    lines: string
    reservations: string
    createdAt: string
    dueAt: string | null
    updatedAt: Date
    /** Somebody can see what has changed. */
    isSeen: boolean
  })[],
): Promise<void> => {
  if (rfqs.length === 0) return
  await sql`
    insert into inventory.rfqs
      (org_id, id, connection_id, account_id, c3_customer_id, c3_rfq_id, c3_quote_id, rfq_number, status, c3_status, total, currency,
       buyer, note, reservations, due_at, lines, line_count, c3_last_sync, c3_modified_at, created_at, updated_at,
       known_at, version)
    select ${orgId}::uuid, r."id", r."connectionId", r."accountId", r."c3CustomerId", r."c3RfqId", r."c3QuoteId", r."number", r."status",
      r."c3Status", r."total", r."currency", r."buyer", r."note", r."reservations"::json, r."dueAt", r."lines"::json, r."lineCount", r."c3LastSync", r."c3ModifiedAt",
      r."createdAt", r."updatedAt", r."updatedAt", case when r."isSeen" then 2 else 1 end
    from jsonb_to_recordset(${JSON.stringify(rfqs)}::jsonb) as r(
      "id" uuid, "connectionId" uuid, "accountId" uuid, "c3CustomerId" text, "c3RfqId" text, "c3QuoteId" text, "number" text, "status" text,
      "c3Status" text, "total" numeric, "currency" text, "buyer" text, "note" text, "reservations" text, "dueAt" timestamptz, "lines" text,
      "lineCount" int, "c3LastSync" timestamptz, "c3ModifiedAt" timestamptz, "createdAt" timestamptz, "updatedAt" timestamptz,
      "isSeen" boolean)
    on conflict (org_id, id) do update set
      account_id = excluded.account_id, c3_customer_id = excluded.c3_customer_id, c3_quote_id = excluded.c3_quote_id, rfq_number = excluded.rfq_number,
      status = excluded.status, c3_status = excluded.c3_status, total = excluded.total, currency = excluded.currency,
      buyer = excluded.buyer, note = excluded.note, reservations = excluded.reservations, due_at = excluded.due_at, lines = excluded.lines, line_count = excluded.line_count,
      c3_last_sync = greatest(rfqs.c3_last_sync, excluded.c3_last_sync), c3_modified_at = excluded.c3_modified_at, created_at = excluded.created_at, updated_at = excluded.updated_at,
      version = rfqs.version + excluded.version - 1, deleted_at = null`.execute(tx)
}
