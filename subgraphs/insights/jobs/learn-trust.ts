/** Learns how often each detector was right, organisation by organisation. Safe to repeat: what has not moved is not kept again. */
import type { Log } from '#kernel/log.ts'
import { task } from '#service/job-definition.ts'
import { learnWhatWasRight } from '../commands/learn-trust.ts'
import { asRun } from '../commands/note-runs.ts'
import { organisations } from '../store/organisations.ts'
import { learnTrust } from './definitions.ts'
import type { Around } from './learn-churn.ts'

export const learnWhoIsRight = task<Record<string, never>, Around & { log: Log }>(
  learnTrust,
  async (_, { database, clock, log, published }, { signal }) => {
    for (const orgId of await database.relay(organisations)) {
      if (signal.aborted) return
      try {
        await asRun(database, { orgId, kind: 'LEARN_TRUST', clock }, () =>
          database.transaction(orgId, (tx) => learnWhatWasRight(tx, { orgId, clock })),
        )
        published()
      } catch (error) {
        log.warn(
          { err: error, orgId },
          'how often detectors were right was not learned; the next night does it',
        )
      }
    }
  },
)
