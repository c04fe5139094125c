import type { Transaction } from './transaction.ts'

/** Notes that a confirmation was used. @returns false when it was used before */
export const insertSpent = async (
  tx: Transaction,
  orgId: string,
  { id, expiresAt }: { id: string; expiresAt: Date },
  at: Date,
): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('hub.spent_confirmations')
    .values({ org_id: orgId, id, spent_at: at, expires_at: expiresAt })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

/** Forgets those that were over before: nobody can use them anyway. */
export const forgetSpent = async (tx: Transaction, orgId: string, before: Date): Promise<void> => {
  await tx
    .deleteFrom('hub.spent_confirmations')
    .where('org_id', '=', orgId)
    .where('expires_at', '<', before)
    .execute()
}
