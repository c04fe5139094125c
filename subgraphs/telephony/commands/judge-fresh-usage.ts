import type { Clock } from '#kernel/clock.ts'
import { takeUnjudged } from '../store/fresh-usage.ts'
import type { Transaction } from '../store/transaction.ts'
import { beginWatching } from '../store/watched.ts'
import { judgeAccounts } from './judge-accounts.ts'

/**
 * Judges some of the accounts over whose trunks something went just now, in the caller's transaction.
 * @returns whether there were any; false while somebody else judges the organisation
 */
export const judgeFreshUsage = async (
  tx: Transaction,
  around: { orgId: string; clock: Clock },
  limit: number,
): Promise<boolean> => {
  if (!(await beginWatching(tx, around.orgId))) return false
  const bans = await takeUnjudged(tx, around.orgId, limit)
  await judgeAccounts(tx, around, bans)
  return bans.length > 0
}
