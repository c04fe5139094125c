import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** How many facts there are that purchases are read from. Two walks by the key of facts. */
export const countPurchaseFacts = async (tx: Transaction, orgId: string): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select (select count(*) from insights.signals
        where org_id = ${orgId}::uuid and system = 'C3' and kind = 'order' and account_id is not null)::int
      + (select count(*) from insights.signals
        where org_id = ${orgId}::uuid and system = 'HUBSPOT' and kind = 'deal' and account_id is not null)::int as count`.execute(
    tx,
  )
  return rows[0]!.count
}
