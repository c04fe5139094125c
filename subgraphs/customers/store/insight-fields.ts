import { sql } from 'kysely'
import { type HeldField, type InsightField, keyOf } from '../domain/insight-fields.ts'
import type { Transaction } from './transaction.ts'

/**
 * Waits for whoever else lets companies say what insights has told, first thing in a transaction: who reads what is known and writes it must
 * not overwrite what was told meanwhile.
 */
export const lockInsightFields = async (tx: Transaction, orgId: string): Promise<void> => {
  await sql`select pg_advisory_xact_lock(hashtextextended('customers.insight-fields ' || ${orgId}, 0))`.execute(
    tx,
  )
}

/** What insights has told of customers, by customer and field: one statement. */
export const insightFieldsOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, HeldField>> => {
  const { rows } = await sql<HeldField>`
    select customer_id as "customerId", field, value, confidence, as_of as "asOf" from customers.insight_fields
    where org_id = ${orgId}::uuid and customer_id = any(${customerIds}::uuid[])`.execute(tx)
  return new Map(rows.map((row) => [keyOf(row), { ...row, asOf: new Date(row.asOf) }]))
}

/** Keeps what was told last: one statement. */
export const setInsightFields = async (
  tx: Transaction,
  orgId: string,
  fields: readonly HeldField[],
): Promise<void> => {
  if (fields.length === 0) return
  await sql`
    insert into customers.insight_fields (org_id, customer_id, field, value, confidence, as_of)
    select ${orgId}::uuid, r."customerId", r.field, r.value, r.confidence, r."asOf"
    from jsonb_to_recordset(${JSON.stringify(fields)}::jsonb)
      as r("customerId" uuid, field text, value jsonb, confidence numeric, "asOf" timestamptz)
    on conflict (org_id, customer_id, field) do update set value = excluded.value, confidence = excluded.confidence,
      as_of = excluded.as_of`.execute(tx)
}

const COPIED = { churnRisk: 'churn_risk', score: 'lead_score' } as const satisfies Partial<
  Record<InsightField, string>
>

/** Copies what customers are filtered and ordered by to where that is done: one statement; none when nothing told is of that kind. */
export const copyScores = async (
  tx: Transaction,
  orgId: string,
  fields: readonly HeldField[],
): Promise<void> => {
  const said = Map.groupBy(
    fields.filter(({ field }) => field in COPIED),
    ({ customerId }) => customerId,
  )
  if (said.size === 0) return
  const rows = [...said].map(([id, own]) => ({
    id,
    ...Object.fromEntries(
      own.flatMap(({ field, value }) => {
        const column = COPIED[field as keyof typeof COPIED]
        return [
          [column, value === null ? null : within(value as string)],
          [`has_${column}`, true],
        ]
      }),
    ),
  }))
  await sql`
    update customers.customers c set
      churn_risk = case when r.has_churn_risk then r.churn_risk else c.churn_risk end,
      lead_score = case when r.has_lead_score then r.lead_score else c.lead_score end
    from json_to_recordset(${JSON.stringify(rows)}::json)
      as r(id uuid, churn_risk numeric, has_churn_risk boolean, lead_score numeric, has_lead_score boolean)
    where c.id = r.id and c.org_id = ${orgId}::uuid`.execute(tx)
}

/** What goes beyond the scale by rounding belongs to its end. */
const within = (score: string): number => Math.max(0, Math.min(100, Number(score)))
