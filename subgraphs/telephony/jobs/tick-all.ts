import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { task } from '#service/job-definition.ts'
import { countFreshPeaks } from '../commands/count-peaks.ts'
import { beginTick, tick } from '../commands/tick.ts'
import type { FreshUsage } from '../store/fresh-usage.ts'
import type { Rows } from '../store/transaction.ts'
import { watchedOrganisations } from '../store/watched.ts'
import { tickUsage } from './definitions.ts'

/** What is worked with. */
export interface Around {
  database: Pick<Rows, 'relay' | 'transaction'>
  clock: Clock
  published(): void
}

/**
 * Does what is done for an organisation every five minutes: counts how busy hours were, and then looks after its accounts. Each page is one
 * transaction that notes how far it came. Safe to repeat, for many at once, and to break off anywhere: who is next goes on behind the last page.
 * @returns whether five minutes were ended by this
 */
export const lookAfter = async (
  { database, clock, published }: Around,
  orgId: string,
  signal?: AbortSignal,
): Promise<boolean> => {
  const around = { orgId, clock }
  for (let isDone = false; ; ) {
    const slot = await database.transaction(orgId, (tx) => beginTick(tx, around))
    if (!slot) return isDone
    let counted: FreshUsage | undefined
    do {
      if (signal?.aborted) return isDone
      const after = counted
      counted = await database.transaction(orgId, (tx) => countFreshPeaks(tx, orgId, after))
    } while (counted)
    for (let came = 'MORE'; came === 'MORE'; ) {
      if (signal?.aborted) return isDone
      came = await database.transaction(orgId, (tx) => tick(tx, around, slot))
      published()
      isDone ||= came === 'DONE'
    }
  }
}

/** What is done every five minutes, for all organisations, each by itself. */
export const tickAll = task<Record<string, never>, Around & { log: Log }>(
  tickUsage,
  async (_, { log, ...around }, { signal }) => {
    for (const orgId of await around.database.relay(watchedOrganisations)) {
      if (signal.aborted) return
      try {
        await lookAfter(around, orgId, signal)
      } catch (error) {
        log.warn(
          { err: error, orgId },
          'accounts could not be looked after; the next five minutes go on where it was',
        )
      }
    }
  },
)
