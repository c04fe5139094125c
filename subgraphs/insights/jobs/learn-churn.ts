/** Learns who leaves of one organisation's customers. Safe to repeat: what it learns a second time does no better, and is no worse. */
import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { learnWhoLeft } from '../commands/learn-churn.ts'
import { asRun } from '../commands/note-runs.ts'
import type { Rows } from '../store/transaction.ts'
import { learnChurn } from './definitions.ts'

/** What is worked with. */
export interface Around {
  database: Rows
  clock: Clock
  published(): void
}

export const learnWhoLeaves = task<{ orgId: string }, Around>(
  learnChurn,
  async ({ orgId }, { database, clock, published }, { signal }) => {
    await asRun(database, { orgId, kind: 'LEARN_CHURN', clock }, () =>
      learnWhoLeft(database, { orgId, clock }, signal),
    )
    published()
  },
)
