import { sql } from 'kysely'
import type { LostReason, QuotedLine, QuoteOutcome } from '../domain/quotes.ts'
import type { RfqActor } from '../domain/rfq-history.ts'
import type { Transaction } from './transaction.ts'

/** What was quoted for a request. */
export interface QuoteRow {
  rfqId: string
  revision: number
  number: string | null
  lines: QuotedLine[]
  /** Decimal. */
  total: string
  currency: string
  validUntil: Date | null
  madeAt: Date
  madeBy: RfqActor
  outcome: QuoteOutcome
  decidedAt: Date | null
  reason: LostReason | null
}

/** One line of a quote, with the currency of its prices. */
export type QuoteLineRow = QuotedLine & { currency: string }

/** What was quoted for these requests, newest first; one statement for all. */
export const quotesOf = async (
  tx: Transaction,
  orgId: string,
  rfqIds: readonly string[],
): Promise<QuoteRow[]> => {
  const { rows } = await sql<QuoteRow>`
    select rfq_id as "rfqId", revision, number, lines, total::text as total, currency, valid_until as "validUntil", made_at as "madeAt",
      made_by as "madeBy", outcome, decided_at as "decidedAt", reason
    from inventory.quotes where org_id = ${orgId} and rfq_id = any(${rfqIds}::uuid[])
    order by rfq_id, revision desc`.execute(tx)
  return rows
}

/** How a request stands, as far as its quotes go by it. */
export interface QuotedRequest {
  rfqId: string
  /** What was quoted; null while not every line has a price. */
  quote: { lines: QuotedLine[]; total: string } | null
  currency: string
  number: string | null
  /** What has come of the newest quote. */
  outcome: QuoteOutcome
  madeBy: RfqActor
  at: Date
}

/**
 * Brings the quotes of requests to where the requests stand, two statements for all: new prices of what is quoted are a new quote that
 * takes the place of the one before, and the newest has what became of the request.
 */
export const keepQuotes = async (
  tx: Transaction,
  orgId: string,
  requests: readonly QuotedRequest[],
): Promise<void> => {
  if (requests.length === 0) return
  const rows = sql`jsonb_to_recordset(${JSON.stringify(requests)}::jsonb) as r("rfqId" uuid, "quote" jsonb, "currency" text,
    "number" text, "outcome" text, "madeBy" text, "at" timestamptz)`
  const newest = sql`left join lateral (
    select q.revision, q.lines from inventory.quotes q where q.org_id = ${orgId}::uuid and q.rfq_id = r."rfqId"
    order by q.revision desc limit 1) n on true`
  await sql`
    insert into inventory.quotes (org_id, rfq_id, revision, lines, total, currency, made_at, made_by, outcome)
    select ${orgId}::uuid, r."rfqId", coalesce(n.revision, 0) + 1, r."quote" -> 'lines', (r."quote" ->> 'total')::numeric, r."currency",
      r."at", r."madeBy", 'OPEN'
    from ${rows} ${newest}
    where jsonb_typeof(r."quote") = 'object' and r."outcome" <> 'WITHDRAWN'
      and (n.revision is null or (r."outcome" = 'OPEN' and n.lines is distinct from r."quote" -> 'lines'))`.execute(
    tx,
  )
  await sql`
    with standing as (
      select q.rfq_id, q.revision, case when q.revision < n.revision then 'SUPERSEDED' else r."outcome" end as outcome, r."at",
        case when q.revision = n.revision then r."number" end as number
      from ${rows} ${newest}
      join inventory.quotes q on q.org_id = ${orgId}::uuid and q.rfq_id = r."rfqId"
      where q.outcome = 'OPEN' or q.revision = n.revision
    )
    update inventory.quotes q set outcome = s.outcome, number = coalesce(s.number, q.number),
      decided_at = case when s.outcome = 'OPEN' then null when s.outcome = q.outcome then q.decided_at else s."at" end,
      reason = case when s.outcome = 'LOST' then q.reason end
    from standing s where q.org_id = ${orgId}::uuid and q.rfq_id = s.rfq_id and q.revision = s.revision
      and (q.outcome <> s.outcome or s.number is distinct from q.number)`.execute(tx)
}

/** Notes on the newest quote of a request what its prices do not say. */
export const noteQuote = async (
  tx: Transaction,
  orgId: string,
  rfqId: string,
  note: { validUntil: Date | null } | { reason: LostReason },
): Promise<void> => {
  const set =
    'reason' in note ? sql`reason = ${note.reason}` : sql`valid_until = ${note.validUntil}::timestamptz`
  await sql`
    update inventory.quotes q set ${set} where org_id = ${orgId} and rfq_id = ${rfqId}::uuid and revision = (
      select max(revision) from inventory.quotes where org_id = ${orgId} and rfq_id = ${rfqId}::uuid)`.execute(
    tx,
  )
}
