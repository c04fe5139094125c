import { DAY } from '../domain/measuring.ts'
import { forgetEnded } from '../store/insights.ts'
import { keepHealthMonths } from '../store/portfolio.ts'
import type { Transaction } from '../store/transaction.ts'

/** History goes back so far: what is older cannot be counted any more. */
const MONTHS_COUNTED = 12
/** How long an insight is kept after it has ended, and how many of one rule and customer at most. The newest of each stays for good. */
const ENDED_DAYS = 400
const MOST_EPISODES = 20

/** Counts the months that have ended and are not counted yet, and forgets insights that ended long ago. Safe to repeat. */
export const tidyInsights = async (tx: Transaction, orgId: string, now: Date): Promise<void> => {
  await keepHealthMonths(tx, orgId, now, MONTHS_COUNTED)
  const before = new Date(now.getTime() - ENDED_DAYS * DAY)
  await forgetEnded(tx, orgId, { before, mostEpisodes: MOST_EPISODES })
}
