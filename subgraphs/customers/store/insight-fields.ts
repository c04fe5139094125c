import { sql } from 'kysely'
import { type HeldField, keyOf } from '../domain/insight-fields.ts'
import type { Transaction } from './transaction.ts'

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
