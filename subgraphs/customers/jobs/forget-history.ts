import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { forgetHistory as forget } from '#sync/retention.ts'
import type { Rows } from '../store/transaction.ts'
import { type Forgetting, forgetHistory } from './definitions.ts'

/** How long it can be asked what a sync did. */
const KEPT_MS = 30 * 86_400_000

/** Forgets what syncs of a connection did longer ago than it is kept. Safe to repeat. */
export const forgetOldHistory = task<Forgetting, { database: Rows; clock: Clock }>(
  forgetHistory,
  (place, { database, clock }, { signal }) =>
    forget(database as never, place, new Date(clock.now().getTime() - KEPT_MS), { signal }),
)
