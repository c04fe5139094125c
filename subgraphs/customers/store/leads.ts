import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** A company, with what its portal says under some names. */
export interface LeadRow {
  id: string
  external_id: string
  customer_id: string
  name: string
  says: Record<string, unknown>
  has_open_deal: boolean
}

/** Companies of a portal: those named, or a page of all. One statement. @param names properties to tell */
export const leadCompanies = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
  names: readonly string[],
  ask: { ids: readonly string[] } | { after: string | null; limit: number },
): Promise<LeadRow[]> => {
  const which =
    'ids' in ask
      ? sql`and co.id = any(${ask.ids}::uuid[])`
      : sql`and (${ask.after}::uuid is null or co.id > ${ask.after}::uuid)`
  const { rows } = await sql<LeadRow>`
    select co.id, co.external_id, co.customer_id, co.name,
      (select coalesce(jsonb_object_agg(name, co.properties -> name), '{}') from unnest(${[...names]}::text[]) as name) as says,
      exists (select from customers.deals d where d.org_id = co.org_id and d.integration_id = co.integration_id
        and d.company_external_id = co.external_id and d.is_open and d.gone_at is null) as has_open_deal
    from customers.companies co
    where co.org_id = ${orgId}::uuid and co.integration_id = ${integrationId}::uuid and co.gone_at is null ${which}
    order by co.id ${'limit' in ask ? sql`limit ${ask.limit}` : sql``}`.execute(tx)
  return rows
}

/** A company of somebody who buys from us, with what its portal says under some names and its customer's health. */
export interface BuyerRow {
  id: string
  external_id: string
  name: string
  says: Record<string, unknown>
  health_score: string | null
}

/** A page of them: one statement. */
export const buyers = async (
  tx: Transaction,
  { orgId, integrationId }: { orgId: string; integrationId: string },
  names: readonly string[],
  { after, limit }: { after: string | null; limit: number },
): Promise<BuyerRow[]> => {
  const { rows } = await sql<BuyerRow>`
    select co.id, co.external_id, co.name, c.health_score,
      (select coalesce(jsonb_object_agg(name, co.properties -> name), '{}') from unnest(${[...names]}::text[]) as name) as says
    from customers.companies co join customers.customers c on c.id = co.customer_id and c.org_id = co.org_id
    where co.org_id = ${orgId}::uuid and co.integration_id = ${integrationId}::uuid and co.gone_at is null
      and co.kind in ('CUSTOMER', 'BOTH') and (${after}::uuid is null or co.id > ${after}::uuid)
    order by co.id limit ${limit}`.execute(tx)
  return rows
}

/** Which of these records the hub has, or had: one statement. */
export const heldRecords = async (
  tx: Transaction,
  { orgId, type }: { orgId: string; type: 'tasks' | 'notes' },
  ids: readonly string[],
): Promise<Set<string>> => {
  const { rows } = await sql<{ id: string }>`
    select id from ${sql.table(`customers.${type}`)} where org_id = ${orgId}::uuid and id = any(${ids}::uuid[])`.execute(
    tx,
  )
  return new Set(rows.map(({ id }) => id))
}
