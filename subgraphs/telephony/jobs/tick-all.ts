import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { task } from '#service/job-definition.ts'
import { tick } from '../commands/tick.ts'
import type { Rows } from '../store/transaction.ts'
import { watchedOrganisations } from '../store/watched.ts'
import { tickUsage } from './definitions.ts'

interface Around {
  database: Pick<Rows, 'relay' | 'transaction'>
  clock: Clock
  log: Log
  published(): void
}

/** What is done every five minutes, for all organisations, each by itself. Safe to repeat, and for many at once. */
export const tickAll = task<Record<string, never>, Around>(
  tickUsage,
  async (_, { database, clock, log, published }, { signal }) => {
    for (const orgId of await database.relay(watchedOrganisations)) {
      if (signal.aborted) return
      try {
        await database.transaction(orgId, (tx) => tick(tx, { orgId, clock }))
        published()
      } catch (error) {
        log.warn(
          { err: error, orgId },
          'accounts could not be looked after; the next five minutes make up for it',
        )
      }
    }
  },
)
