import type { Clock } from '#kernel/clock.ts'
import type { Jobs } from '#service/jobs.ts'
import { HORIZON_DAYS } from '../domain/leaving.ts'
import { DAY } from '../domain/measuring.ts'
import { learnChurn } from '../jobs/definitions.ts'
import { forgetChurnSteps } from '../store/churn-history.ts'
import { countLeavers, forgetSnapshots, keepMonth } from '../store/churn-months.ts'
import { PAST_DAYS } from '../store/former-facts.ts'
import { newestModel } from '../store/models.ts'
import type { Transaction } from '../store/transaction.ts'

/** A month that the hub slept through is not made up for: what was likely then nobody knows any more. */
const LATEST_DAY = 3
const MONTHS_KEPT = 27
const LEARNT_EVERY_DAYS = 28

/** Keeps the month that has begun, counts who left since the months before, and has learned anew what is a month old. */
export const keepChurn = async (
  tx: Transaction,
  { orgId, clock, jobs }: { orgId: string; clock: Clock; jobs: Pick<Jobs, 'enqueue'> },
): Promise<void> => {
  const now = clock.now()
  if (now.getUTCDate() <= LATEST_DAY) await keepMonth(tx, orgId, firstOf(now, 0))
  await countLeavers(tx, orgId, now.toISOString().slice(0, 10), HORIZON_DAYS)
  await forgetSnapshots(tx, orgId, firstOf(now, MONTHS_KEPT))
  await forgetChurnSteps(tx, orgId, new Date(now.getTime() - PAST_DAYS * DAY))
  const newest = await newestModel(tx, orgId, 'churn')
  const learnedAt = newest?.learnedAt.getTime() ?? 0
  if (now.getTime() - learnedAt >= LEARNT_EVERY_DAYS * DAY) await jobs.enqueue(tx, learnChurn, { orgId })
}

/** The first day of the month so many months ago. */
const firstOf = (at: Date, monthsAgo: number): string =>
  new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - monthsAgo, 1)).toISOString().slice(0, 10)
