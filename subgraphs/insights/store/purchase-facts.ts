import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** How many facts there are that purchases are read from: a walk along an index that holds no others. */
export const countPurchaseFacts = async (tx: Transaction, orgId: string): Promise<number> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from insights.signals
    where org_id = ${orgId}::uuid and kind in ('order', 'deal') and account_id is not null`.execute(tx)
  return rows[0]!.count
}
