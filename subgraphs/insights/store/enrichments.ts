import { sql } from 'kysely'
import type { EnrichmentDocument } from '../domain/enrichment.ts'
import type { EnrichmentState } from './enrichment-queue.ts'
import type { Transaction } from './transaction.ts'

/** What is written about a customer. */
export interface KeptEnrichment {
  customerId: string
  document: EnrichmentDocument
  /** Of everything that it was written from. */
  inputHash: string
  madeAt: Date
  checkedAt: Date
  /** How far its next turn is; null when it never had one. */
  state: EnrichmentState | null
}

/** What is written about these customers, one statement for all. */
export const enrichmentsOf = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<Map<string, KeptEnrichment>> => {
  const { rows } = await sql<KeptEnrichment>`
    select e.customer_id as "customerId", e.document, e.input_hash as "inputHash", e.made_at as "madeAt",
      e.checked_at as "checkedAt", q.state
    from insights.enrichments e
    left join insights.enrichment_queue q on q.org_id = e.org_id and q.customer_id = e.customer_id
    where e.org_id = ${orgId}::uuid and e.customer_id = any(${customerIds}::text[])`.execute(tx)
  return new Map(rows.map((row) => [row.customerId, row]))
}

/** A page of all that is written, by customer, behind `after`. */
export const enrichmentsAfter = async (
  tx: Transaction,
  orgId: string,
  after: string,
  limit: number,
): Promise<Pick<KeptEnrichment, 'customerId' | 'document' | 'madeAt'>[]> => {
  const { rows } = await sql<KeptEnrichment>`
    select customer_id as "customerId", document, made_at as "madeAt" from insights.enrichments
    where org_id = ${orgId}::uuid and customer_id > ${after} order by customer_id limit ${limit}`.execute(tx)
  return rows
}

/** Keeps what was written, one statement for all. */
export const saveEnrichments = async (
  tx: Transaction,
  orgId: string,
  written: readonly Omit<KeptEnrichment, 'state'>[],
): Promise<void> => {
  if (written.length === 0) return
  await sql`
    insert into insights.enrichments (org_id, customer_id, document, input_hash, made_at, checked_at)
    select ${orgId}::uuid, r."customerId", r.document, r."inputHash", r."madeAt", r."checkedAt"
    from json_to_recordset(${JSON.stringify(written)}::json)
      as r("customerId" text, document json, "inputHash" text, "madeAt" timestamptz, "checkedAt" timestamptz)
    on conflict (org_id, customer_id) do update set
      document = excluded.document, input_hash = excluded.input_hash, made_at = excluded.made_at,
      checked_at = excluded.checked_at`.execute(tx)
}

/** Forgets what was written about customers that no longer stand for themselves, and their turns. */
export const dropEnrichments = async (
  tx: Transaction,
  orgId: string,
  customerIds: readonly string[],
): Promise<void> => {
  if (customerIds.length === 0) return
  await sql`
    with gone as (
      delete from insights.enrichments where org_id = ${orgId}::uuid and customer_id = any(${customerIds}::text[])
    )
    delete from insights.enrichment_queue
    where org_id = ${orgId}::uuid and customer_id = any(${customerIds}::text[])`.execute(tx)
}
