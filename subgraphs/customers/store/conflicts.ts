import { sql } from 'kysely'
import { CHILD_TYPES } from '../domain/kinds.ts'
import type { Transaction } from './transaction.ts'

/** Whose records these are, by our id of the record: one statement. Records that are nobody's are absent. */
export const customersOfRecords = async (
  tx: Transaction,
  orgId: string,
  ids: readonly string[],
): Promise<Map<string, string>> => {
  const children = CHILD_TYPES.map(
    (type) => sql`
      union all select r.id, co.customer_id from ${sql.table(`customers.${type}`)} r
      join customers.companies co on co.org_id = r.org_id and co.integration_id = r.integration_id
        and co.external_id = r.company_external_id
      where r.org_id = ${orgId}::uuid and r.id = any(${ids}::uuid[])`,
  )
  const { rows } = await sql<{ id: string; customer_id: string }>`
    select id, customer_id from customers.companies where org_id = ${orgId}::uuid and id = any(${ids}::uuid[])
    ${sql.join(children, sql` `)}`.execute(tx)
  return new Map(rows.map((row) => [row.id, row.customer_id]))
}
