/** Forgets each night what lies too far back of customers that nobody judges any more, organisation by organisation. Safe to repeat. */
import type { Log } from '#kernel/log.ts'
import { task } from '#service/job-definition.ts'
import { forgetOldPast } from '../commands/forget-past.ts'
import { organisations } from '../store/organisations.ts'
import { forgetPast } from './definitions.ts'
import type { Around } from './learn-churn.ts'

export const forgetPastOfAll = task<Record<string, never>, Around & { log: Log }>(
  forgetPast,
  async (_, { database, clock, log }, { signal }) => {
    for (const orgId of await database.relay(organisations)) {
      if (signal.aborted) return
      try {
        await database.transaction(orgId, (tx) => forgetOldPast(tx, orgId, clock.now()))
      } catch (error) {
        log.warn({ err: error, orgId }, 'what lies too far back was not forgotten; the next night does it')
      }
    }
  },
)
