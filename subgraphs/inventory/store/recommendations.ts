import { type RawBuilder, sql } from 'kysely'
import type {
  About,
  Advice,
  Counting,
  RecommendationKind,
  RecommendationState,
  Reconciled,
} from '../domain/recommendations.ts'
import type { Transaction } from './transaction.ts'

export type PushState = 'WAITING' | 'SENDING' | 'SENT' | 'REFUSED'
export type OutcomeResult = 'QUOTED' | 'WON' | 'LOST' | 'EXPIRED' | 'ORDERED' | 'NOT_TAKEN'

/** A recommendation as it is kept. Decimals are texts. */
export interface RecommendationRow extends About, Advice {
  id: string
  connectionId: string
  kind: RecommendationKind
  subject: string
  method: string
  methodVersion: number
  givenBy: string | null
  state: RecommendationState
  decidedBy: string | null
  decidedBecause: string | null
  decidedAt: Date | null
  outcomeResult: OutcomeResult | null
  outcomePrice: string | null
  outcomeCurrency: string | null
  outcomeQuantity: number | null
  outcomeAt: Date | null
  pushState: PushState | null
  pushProblem: string | null
  pushedAt: Date | null
  /** Whether no newer one has taken its place. */
  isLatest: boolean
  version: number
  createdAt: Date
}

const columns = sql`
  r.id, r.connection_id as "connectionId", r.kind, r.subject, r.method, r.method_version as "methodVersion", r.given_by as "givenBy",
  r.rfq_id as "rfqId", r.c3_rfq_id as "c3RfqId", r.line, r.component_id as "componentId", r.part_number as "partNumber", r.manufacturer,
  r.alternative_id as "alternativeId", r.alternative_part_number as "alternativePartNumber",
  r.alternative_manufacturer as "alternativeManufacturer", r.c3_supplier_id as "c3SupplierId", r.risk, r.severity,
  r.amount::text as amount, r.low::text as low, r.high::text as high, r.currency, r.reorder_point as "reorderPoint",
  r.order_quantity as "orderQuantity", r.service_level::float8 as "serviceLevel", r.confidence, r.reasoning, r.evidence, r.state,
  r.decided_by as "decidedBy", r.decided_because as "decidedBecause", r.decided_at as "decidedAt", r.outcome as "outcomeResult",
  r.outcome_price::text as "outcomePrice", r.outcome_currency as "outcomeCurrency", r.outcome_quantity as "outcomeQuantity",
  r.outcome_at as "outcomeAt", r.push_state as "pushState", r.push_problem as "pushProblem", r.pushed_at as "pushedAt", r.is_latest as "isLatest", r.version,
  r.created_at as "createdAt"`

const select = async (
  tx: Transaction,
  orgId: string,
  where: RawBuilder<unknown>,
): Promise<RecommendationRow[]> => {
  const { rows } = await sql<RecommendationRow>`
    select ${columns} from inventory.recommendations r where r.org_id = ${orgId} and ${where}`.execute(tx)
  return rows
}

/** The recommendations with these ids, one statement for all. */
export const recommendationsById = (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<RecommendationRow[]> => select(tx, orgId, sql`r.id = any(${ids}::uuid[])`)

/** One, kept from being changed by anybody else until the transaction ends. */
export const lockRecommendation = async (
  tx: Transaction,
  orgId: string,
  id: string,
): Promise<RecommendationRow | undefined> => (await select(tx, orgId, sql`r.id = ${id}::uuid for update`))[0]

/** What recommendations are asked for, by what they are about. */
export interface Whereabouts {
  rfqIds?: readonly string[]
  componentIds?: readonly string[]
  /** C3's ids. */
  supplierIds?: readonly string[]
}

const counts = ({
  rfqIds = [],
  componentIds = [],
  supplierIds = [],
}: Whereabouts): RawBuilder<unknown> => sql`(
  r.rfq_id = any(${rfqIds}::uuid[])
  or (r.component_id = any(${componentIds}::uuid[]) and r.rfq_id is null)
  or (r.c3_supplier_id = any(${supplierIds}) and r.component_id is null))`

/** Those that count of requests, of parts by themselves, and of suppliers by themselves, found by methods: one statement. */
export const countingOf = async (tx: Transaction, orgId: string, of: Whereabouts): Promise<Counting[]> => {
  const { rows } = await sql<Counting>`
    select r.id, r.subject, r.fingerprint, r.state from inventory.recommendations r
    where r.org_id = ${orgId} and r.is_latest and r.given_by is null and ${counts(of)}`.execute(tx)
  return rows
}

/** Those that count and that nobody has rejected, in an order that stays: one statement. */
export const standingOf = (tx: Transaction, orgId: string, of: Whereabouts): Promise<RecommendationRow[]> =>
  select(
    tx,
    orgId,
    sql`r.is_latest and r.state in ('PROPOSED', 'ACCEPTED') and ${counts(of)} order by r.line, r.subject`,
  )

/** Those of these subjects that count: one statement. */
export const countingAmong = async (
  tx: Transaction,
  orgId: string,
  subjects: readonly string[],
): Promise<Counting[]> => {
  const { rows } = await sql<Counting>`
    select r.id, r.subject, r.fingerprint, r.state from inventory.recommendations r
    where r.org_id = ${orgId} and r.is_latest and r.subject = any(${subjects})`.execute(tx)
  return rows
}

/**
 * Writes what was made in the place of what counted, and lets expire what has no reason any more: two statements.
 * @param givenBy who gave them; null when a method found them
 * @returns ids of those that changed, old and new
 */
export const writeReconciled = async (
  tx: Transaction,
  orgId: string,
  {
    made,
    expired,
  }: { made: readonly (Reconciled['made'][number] & { id: string })[]; expired: readonly string[] },
  givenBy: string | null,
  at: Date,
): Promise<string[]> => {
  if (made.length + expired.length === 0) return []
  const { rows: old } = await sql<{ id: string }>`
    update inventory.recommendations r set
      is_latest = r.subject <> all(${made.map(({ subject }) => subject)}::text[]),
      state = case when r.state <> 'PROPOSED' then r.state when r.id = any(${expired}::uuid[]) then 'EXPIRED' else 'SUPERSEDED' end,
      version = r.version + 1, changed_at = ${at}::timestamptz
    where r.org_id = ${orgId} and r.is_latest
      and (r.subject = any(${made.map(({ subject }) => subject)}::text[]) or r.id = any(${expired}::uuid[]))
    returning r.id`.execute(tx)
  if (made.length > 0)
    await sql`
      insert into inventory.recommendations
        (org_id, id, connection_id, kind, subject, method, method_version, fingerprint, given_by, rfq_id, c3_rfq_id, line, component_id,
         part_number, manufacturer, alternative_id, alternative_part_number, alternative_manufacturer, c3_supplier_id, risk, severity,
         amount, low, high, currency, reorder_point, order_quantity, service_level, confidence, reasoning, evidence, created_at, changed_at)
      select ${orgId}::uuid, m."id", m."connectionId", m."kind", m."subject", m."method", m."methodVersion", m."fingerprint", ${givenBy},
        m."rfqId", m."c3RfqId", m."line", m."componentId", m."partNumber", m."manufacturer", m."alternativeId", m."alternativePartNumber",
        m."alternativeManufacturer", m."c3SupplierId", m."risk", m."severity", m."amount", m."low", m."high", m."currency",
        m."reorderPoint", m."orderQuantity", m."serviceLevel", m."confidence", m."reasoning", m."evidence", ${at}::timestamptz,
        ${at}::timestamptz
      from jsonb_to_recordset(${JSON.stringify(made)}::jsonb) as m(
        "id" uuid, "connectionId" uuid, "kind" text, "subject" text, "method" text, "methodVersion" int, "fingerprint" text, "rfqId" uuid,
        "c3RfqId" text, "line" int, "componentId" uuid, "partNumber" text, "manufacturer" text, "alternativeId" uuid,
        "alternativePartNumber" text, "alternativeManufacturer" text, "c3SupplierId" text, "risk" text, "severity" text,
        "amount" numeric, "low" numeric, "high" numeric, "currency" text, "reorderPoint" int, "orderQuantity" int,
        "serviceLevel" numeric, "confidence" int, "reasoning" text, "evidence" jsonb)`.execute(tx)
  return [...old, ...made].map(({ id }) => id)
}

/** Keeps what was decided on a recommendation, or that nobody has any more. */
export const writeDecision = async (
  tx: Transaction,
  orgId: string,
  decided: { id: string; state: RecommendationState; by: string | null; because: string | null },
  at: Date,
): Promise<void> => {
  await sql`
    update inventory.recommendations set state = ${decided.state}, decided_by = ${decided.by}, decided_because = ${decided.because},
      decided_at = case when ${decided.by}::text is not null then ${at}::timestamptz end, version = version + 1, changed_at = ${at}::timestamptz
    where org_id = ${orgId} and id = ${decided.id}::uuid`.execute(tx)
}
