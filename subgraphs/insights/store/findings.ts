import { sql } from 'kysely'
import type { FindingsMemory, Values } from '../domain/findings.ts'
import type { Transaction } from './transaction.ts'

/** What is found of a customer, and when that last moved. */
export interface FindingsRow extends FindingsMemory {
  customerId: string
}

/** What is found of these customers, one statement for all. */
export const findingsOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, FindingsRow>> => {
  const rows = await tx
    .selectFrom('insights.findings')
    .select(['customer_id as customerId', 'found as values', 'as_of as asOf'])
    .where('org_id', '=', orgId)
    .where('customer_id', '=', sql<string>`any(${customerIds}::text[])`)
    .execute()
  return new Map((rows as unknown as FindingsRow[]).map((row) => [row.customerId, row]))
}

/** A page of all findings by customer, those behind `after`. */
export const findingsAfter = async (
  tx: Transaction,
  orgId: string,
  after: string,
  limit: number,
): Promise<FindingsRow[]> =>
  (await tx
    .selectFrom('insights.findings')
    .select(['customer_id as customerId', 'found as values', 'as_of as asOf'])
    .where('org_id', '=', orgId)
    .where('customer_id', '>', after)
    .orderBy('customer_id')
    .limit(limit)
    .execute()) as unknown as FindingsRow[]

/** Findings to keep; `isChurnStep`: what they say of leaving is another step in its history. */
export interface NewFindings {
  customerId: string
  values: Values
  asOf: Date
  isChurnStep: boolean
}

/** Writes findings in one statement, with steps of churn where there are any. */
export const saveFindings = async (
  tx: Transaction,
  orgId: string,
  found: readonly NewFindings[],
): Promise<void> => {
  if (found.length === 0) return
  await sql`
    with r as materialized (
      select r.*, r."values" -> 'churn' as churn from json_to_recordset(${JSON.stringify(found)}::json)
        as r("customerId" text, "values" json, "asOf" timestamptz, "isChurnStep" boolean)
    ), steps as (
      insert into insights.churn_history (org_id, customer_id, as_of, percentage, said)
      select ${orgId}::uuid, r."customerId", r."asOf", (r.churn ->> 'percentage')::numeric, r.churn from r where r."isChurnStep"
      on conflict (org_id, customer_id, as_of) do update set percentage = excluded.percentage, said = excluded.said
    )
    insert into insights.findings (org_id, customer_id, found, as_of, left_on)
    select ${orgId}::uuid, r."customerId", r."values", r."asOf", (r.churn ->> 'leftOn')::date from r
    on conflict (org_id, customer_id) do update set found = excluded.found, as_of = excluded.as_of, left_on = excluded.left_on`.execute(
    tx,
  )
}

/** Forgets what was found of customers that no longer stand for themselves. */
export const dropFindings = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<void> => {
  if (customerIds.length === 0) return
  await tx
    .deleteFrom('insights.findings')
    .where('org_id', '=', orgId)
    .where('customer_id', '=', sql<string>`any(${customerIds}::text[])`)
    .execute()
}
