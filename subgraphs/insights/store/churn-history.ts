import { sql } from 'kysely'
import type { Churn } from '../domain/churn.ts'
import type { Transaction } from './transaction.ts'

/** What was said of a customer's leaving from a moment on; null: nothing could be said any more. Written with what is found (findings.ts). */
export interface ChurnStepRow {
  customerId: string
  asOf: Date
  said: Churn | null
}

/** The last step of each of these customers by a moment: one statement. Absent: none, or history no longer holds it. */
export const churnBy = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
  at: Date,
): Promise<Map<string, ChurnStepRow>> => {
  const { rows } = await sql<ChurnStepRow>`
    select distinct on (customer_id) customer_id as "customerId", as_of as "asOf", said from insights.churn_history
    where org_id = ${orgId}::uuid and customer_id = any(${customerIds}::text[]) and as_of <= ${at}
    order by customer_id, as_of desc`.execute(tx)
  return new Map(rows.map((row) => [row.customerId, row]))
}

/** A page of a customer's steps within a time, oldest first. Only those behind `after`. */
export const churnSteps = async (
  tx: Transaction,
  orgId: string,
  customerId: string,
  { from, to, after, limit }: { from: Date; to: Date; after: Date | null; limit: number },
): Promise<ChurnStepRow[]> => {
  const { rows } = await sql<ChurnStepRow>`
    select customer_id as "customerId", as_of as "asOf", said from insights.churn_history
    where org_id = ${orgId}::uuid and customer_id = ${customerId} and as_of >= ${from} and as_of <= ${to}
      and (${after}::timestamptz is null or as_of > ${after}::timestamptz)
    order by as_of limit ${limit}`.execute(tx)
  return rows
}

/** Forgets what was said before a moment, but for what still held then: one statement. */
export const forgetChurnSteps = async (tx: Transaction, orgId: string, before: Date): Promise<void> => {
  await sql`
    delete from insights.churn_history h where h.org_id = ${orgId}::uuid and h.as_of < ${before}
      and exists (select from insights.churn_history n where n.org_id = h.org_id and n.customer_id = h.customer_id
        and n.as_of > h.as_of and n.as_of <= ${before})`.execute(tx)
}
