import { sql } from 'kysely'
import type { Transaction } from './transaction.ts'

/** Marks rows as gone at C3, in one statement. They stay, for what tells of them. */
export const markGone = async (
  tx: Transaction,
  table: 'c3_accounts' | 'inventory' | 'rfqs' | 'suppliers' | 'transactions',
  orgId: string,
  ids: readonly string[],
  at: Date,
): Promise<void> => {
  if (ids.length === 0) return
  // Others do not say when they changed last.
  const stamp = table === 'inventory' || table === 'rfqs' ? sql`, updated_at = ${at}` : sql``
  await sql`
    update ${sql.table(`inventory.${table}`)} set deleted_at = ${at}${stamp}
    where org_id = ${orgId} and id = any(${ids}::uuid[]) and deleted_at is null`.execute(tx)
}
