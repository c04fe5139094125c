/** What is done of churn each night, organisation by organisation. Safe to repeat: a month is kept once, and learned from once. */
import type { Log } from '#kernel/log.ts'
import { task } from '#service/job-definition.ts'
import type { Jobs } from '#service/jobs.ts'
import { keepChurn } from '../commands/keep-churn.ts'
import { asRun } from '../commands/note-runs.ts'
import { organisations } from '../store/organisations.ts'
import { lookAtChurn } from './definitions.ts'
import type { Around } from './learn-churn.ts'

export const tendChurn = task<Record<string, never>, Around & { jobs: Jobs; log: Log }>(
  lookAtChurn,
  async (_, { database, clock, jobs, log }, { signal }) => {
    for (const orgId of await database.relay(organisations)) {
      if (signal.aborted) return
      try {
        await asRun(database, { orgId, kind: 'KEEP_CHURN', clock }, () =>
          database.transaction(orgId, (tx) => keepChurn(tx, { orgId, clock, jobs })),
        )
      } catch (error) {
        log.warn({ err: error, orgId }, 'who is likely to leave was not kept; the next night does it')
      }
    }
  },
)
