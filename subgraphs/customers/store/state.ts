import { sql } from 'kysely'
import type { RecordType } from '../domain/kinds.ts'
import type { Transaction } from './transaction.ts'

/** A live record, as a sibling that starts anew is told of it. */
export interface StateRow {
  id: string
  integration_id: string
  external_id: string
  properties: Record<string, unknown>
  modified_at: Date | null
  valid_from: Date
  currency: string | null
  company_external_id: string | null
  company_id: string | null
  customer_id: string | null
}

/** Live records of a kind behind an id, by id: one statement per page. */
export const stateAfter = async (
  tx: Transaction,
  orgId: string,
  type: RecordType,
  after: string,
  limit: number,
): Promise<StateRow[]> => {
  const own = type === 'companies'
  const { rows } = await sql<StateRow>`
    select t.id, t.integration_id, t.external_id, t.properties, t.modified_at, t.valid_from, n.currency,
      ${own ? sql`null as company_external_id, t.id as company_id, t.customer_id` : sql`t.company_external_id, co.id as company_id, co.customer_id`}
    from ${sql.table(`customers.${type}`)} t
    left join customers.integrations n on n.id = t.integration_id
    ${
      own
        ? sql``
        : sql`left join customers.companies co on co.org_id = t.org_id and co.integration_id = t.integration_id
      and co.external_id = t.company_external_id`
    }
    where t.org_id = ${orgId}::uuid and t.id > ${after}::uuid and t.gone_at is null order by t.id limit ${limit}`.execute(
    tx,
  )
  return rows
}

/** Ids of customers behind an id, merged ones too. */
export const customerIdsAfter = async (
  tx: Transaction,
  orgId: string,
  after: string,
  limit: number,
): Promise<{ id: string; identity_version: number; merged_into: string | null; updated_at: Date }[]> =>
  await tx
    .selectFrom('customers.customers')
    .select(['id', 'identity_version', 'merged_into', 'updated_at'])
    .where('org_id', '=', orgId)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()

/** Ids of the latest runs, oldest of them first. */
export const latestRuns = async (tx: Transaction, orgId: string, limit: number): Promise<string[]> => {
  const { rows } = await sql<{ id: string }>`
    select id from sync.runs where org_id = ${orgId}::uuid order by requested_at desc, id desc limit ${limit}`.execute(
    tx,
  )
  return rows.map((row) => row.id).reverse()
}
