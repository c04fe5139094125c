import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** Organisations that have customers, as the relay. It steps from one to the next by index. */
export const organisations = async (tx: Transaction): Promise<string[]> => {
  const { rows } = await sql<{ orgId: string }>`
    with recursive orgs as (
      (select org_id from insights.customers order by org_id limit 1)
      union all
      select (select c.org_id from insights.customers c where c.org_id > orgs.org_id order by c.org_id limit 1)
      from orgs where orgs.org_id is not null
    )
    select org_id as "orgId" from orgs where org_id is not null`.execute(tx)
  return rows.map((row) => row.orgId)
}
