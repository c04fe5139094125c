import type { Clock } from '#kernel/clock.ts'
import { noteJudged, unjudgedUsage } from '../store/fresh-usage.ts'
import type { Transaction } from '../store/transaction.ts'
import { awaitWatching } from '../store/watched.ts'
import { judgeAccounts } from './judge-accounts.ts'

/**
 * Judges some of the accounts over whose trunks something went just now, in the caller's transaction. Where somebody else judges the
 * organisation it waits: that is over with the next page, and what it has not seen is not left until somebody looks again.
 * @returns whether there may be more: what comes meanwhile is told anew
 */
export const judgeFreshUsage = async (
  tx: Transaction,
  around: { orgId: string; clock: Clock },
  limit: number,
): Promise<boolean> => {
  await awaitWatching(tx, around.orgId)
  const notes = await unjudgedUsage(tx, around.orgId, limit)
  await judgeAccounts(tx, around, [...new Set(notes.map(({ ban }) => ban))])
  return (await noteJudged(tx, around.orgId, notes)) > 0
}
