/** Does what is done of churn each night, of one organisation. Safe to repeat: a month is kept once, and learned from once. */
import { task } from '#service/job-definition.ts'
import type { Jobs } from '#service/jobs.ts'
import { keepChurn as keepChurnOf } from '../commands/keep-churn.ts'
import { asRun } from '../commands/note-runs.ts'
import { keepChurn } from './definitions.ts'
import type { Around } from './learn-churn.ts'

export const keepWhoMayLeave = task<{ orgId: string }, Around & { jobs: Jobs }>(
  keepChurn,
  async ({ orgId }, { database, clock, jobs }) => {
    await asRun(database, { orgId, kind: 'KEEP_CHURN', clock }, () =>
      database.transaction(orgId, (tx) => keepChurnOf(tx, { orgId, clock, jobs })),
    )
  },
)
