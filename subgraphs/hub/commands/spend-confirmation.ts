import type { Context } from '../context.ts'
import { forgetSpent, insertSpent } from '../store/confirmations.ts'

/** Longer than clocks of the hub's processes may differ. */
const KEPT_MS = 3_600_000

/** Uses a confirmation of a plan up. @returns false when it was used before */
export const spendConfirmation = (
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  { orgId, id, expiresAt }: { orgId: string; id: string; expiresAt: Date },
): Promise<boolean> =>
  db.transaction(orgId, async (tx) => {
    const at = clock.now()
    await forgetSpent(tx, orgId, new Date(at.getTime() - KEPT_MS))
    return insertSpent(tx, orgId, { id, expiresAt }, at)
  })
