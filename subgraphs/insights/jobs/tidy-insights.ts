/** What is counted and forgotten each night, organisation by organisation. Safe to repeat and to break off. */
import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { task } from '#service/job-definition.ts'
import { forgetOldPast } from '../commands/forget-past.ts'
import { tidyInsights } from '../commands/tidy-insights.ts'
import { organisations } from '../store/organisations.ts'
import type { Rows } from '../store/transaction.ts'
import { tidyEachNight } from './definitions.ts'

/** What is worked with. */
interface Around {
  database: Rows
  clock: Clock
  log: Log
}

export const tidy = task<Record<string, never>, Around>(
  tidyEachNight,
  async (_, { database, clock, log }, { signal }) => {
    for (const orgId of await database.relay(organisations)) {
      if (signal.aborted) return
      try {
        await database.transaction(orgId, async (tx) => {
          await tidyInsights(tx, orgId, clock.now())
          await forgetOldPast(tx, orgId, clock.now())
        })
      } catch (error) {
        log.warn(
          { err: error, orgId },
          'ended months and what lies too far back stay as they are until the next night',
        )
      }
    }
  },
)
