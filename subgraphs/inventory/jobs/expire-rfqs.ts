import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { connectionsThatRan } from '#sync/schedules.ts'
import { expireRfqs } from '../commands/expire-rfqs.ts'
import type { Rows } from '../store/transaction.ts'
import { changeRecords } from '../sync/change-records.ts'
import { mayPush } from '../sync/target.ts'

interface Around {
  database: Pick<Rows, 'relay' | 'transaction'>
  clock: Clock
  log: Log
}

/** Lets the requests of every connection expire whose date has passed, where C3 can be told of it. Safe to repeat, and for many at once. */
export const expireAllRfqs = async (
  { database, clock, log }: Around,
  signal?: AbortSignal,
): Promise<number> => {
  let expired = 0
  for (const { orgId, connectionId } of await database.relay((tx) => connectionsThatRan(tx))) {
    if (signal?.aborted) break
    try {
      expired += await database.transaction(orgId, async (tx) =>
        (await mayPush(tx, orgId, connectionId, 'rfqs'))
          ? await expireRfqs(tx, { orgId, clock, changeRecords }, connectionId)
          : 0,
      )
    } catch (error) {
      log.warn({ err: error, connectionId }, 'could not let requests expire')
    }
  }
  return expired
}
