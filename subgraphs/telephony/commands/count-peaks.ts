import { type FreshUsage, noteCounted, uncountedUsage } from '../store/fresh-usage.ts'
import type { Transaction } from '../store/transaction.ts'
import { countPeaks, lockPeaks } from '../store/utilisation.ts'

const MOST_HOURS = 5_000

/**
 * Counts the busiest moments of hours over which records came, the oldest first, in the caller's transaction. Whoever brings records of those
 * very hours meanwhile waits for nobody: the hours are counted again the next time.
 * @param after what was counted last; left out: from the beginning
 * @returns what was counted last; undefined when there was nothing left
 */
export const countFreshPeaks = async (
  tx: Transaction,
  orgId: string,
  after?: FreshUsage,
  limit = MOST_HOURS,
): Promise<FreshUsage | undefined> => {
  await lockPeaks(tx, orgId)
  const notes = await uncountedUsage(tx, orgId, { after, limit })
  if (notes.length === 0) return undefined
  await countPeaks(tx, orgId, notes)
  await noteCounted(tx, orgId, notes)
  return notes.at(-1)
}
