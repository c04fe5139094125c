import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { advanceBulk } from '../commands/advance-bulk.ts'
import type { Rows } from '../store/transaction.ts'
import { changeRecords } from '../sync/change-records.ts'
import { runBulk } from './definitions.ts'

/** Does a change of many records to its end, each batch in a transaction of its own: whoever is interrupted goes on behind the last one. */
export const runBulkJobs = task<
  { orgId: string; jobId: string },
  { database: Rows; clock: Clock; published(): void }
>(runBulk, async ({ orgId, jobId }, { database, clock, published }, { signal }) => {
  for (let isMore = true; isMore; ) {
    signal.throwIfAborted()
    isMore = await database.transaction(orgId, (tx) =>
      advanceBulk(tx, { orgId, clock, changeRecords }, jobId),
    )
    published()
  }
})
