/** Learns from what customers have bought, organisation by organisation. Safe to repeat and to break off: what was learned is kept at once or not at all. */
import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { task } from '#service/job-definition.ts'
import { learnFromPurchasesOf } from '../commands/learn-buying.ts'
import { asRun } from '../commands/note-runs.ts'
import { organisations } from '../store/organisations.ts'
import type { Rows } from '../store/transaction.ts'
import { learnBuying } from './definitions.ts'

/** What is worked with. */
interface Around {
  database: Rows
  clock: Clock
  log: Log
}

export const learnFromPurchases = task<Record<string, never>, Around>(
  learnBuying,
  async (_, { log, ...around }, { signal }) => {
    for (const orgId of await around.database.relay(organisations)) {
      if (signal.aborted) return
      try {
        await asRun(around.database, { orgId, kind: 'LEARN_BUYING', clock: around.clock }, () =>
          learnFromPurchasesOf(orgId, { ...around, signal }),
        )
      } catch (error) {
        log.warn(
          { err: error, orgId },
          'nothing was learned from purchases; it is tried again in a quarter of an hour',
        )
      }
    }
  },
)
