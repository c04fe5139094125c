/** Has churn kept of every organisation. Safe to repeat and to break off: what waits already waits once. */
import { task } from '#service/job-definition.ts'
import type { Jobs } from '#service/jobs.ts'
import { organisations } from '../store/organisations.ts'
import { keepChurn, lookAtChurn } from './definitions.ts'
import type { Around } from './learn-churn.ts'

export const tendChurn = task<Record<string, never>, Around & { jobs: Jobs }>(
  lookAtChurn,
  async (_, { database, jobs }, { signal }) => {
    for (const orgId of await database.relay(organisations)) {
      if (signal.aborted) return
      await database.transaction(orgId, (tx) => jobs.enqueue(tx, keepChurn, { orgId }))
    }
  },
)
