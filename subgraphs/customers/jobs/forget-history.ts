import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { forgetHistory as forget } from '#sync/retention.ts'
import type { Rows } from '../store/transaction.ts'
import { forgetHistory } from './definitions.ts'

/** How long it can be asked what a sync did. */
const KEPT_MS = 30 * 86_400_000

/** Forgets what syncs did longer ago than it is kept. Safe to repeat. */
export const forgetOldHistory = task<Record<string, never>, { database: Rows; clock: Clock }>(
  forgetHistory,
  (_, { database, clock }, { signal }) =>
    forget(database as never, new Date(clock.now().getTime() - KEPT_MS), { signal }),
)
