import type { Clock } from '#kernel/clock.ts'
import { type Forgetting, forgetHistory } from '#service/clock-jobs.ts'
import { task } from '#service/job-definition.ts'
import { forgetHistory as forget } from '#sync/retention.ts'
import type { Rows } from '../store/transaction.ts'

/** Forgets what syncs of a connection did longer ago than it is kept. Safe to repeat. */
export const forgetOldHistory = task<Forgetting, { database: Rows; clock: Clock }>(
  forgetHistory,
  (place, { database, clock }, { signal }) => forget(database as never, place, clock.now(), { signal }),
)
