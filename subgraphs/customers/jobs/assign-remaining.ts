import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { assignOn } from '../commands/assign-on.ts'
import type { Rows } from '../store/transaction.ts'
import { changeRecords } from '../sync/change-records.ts'
import { assignRemaining } from './definitions.ts'

/** Gives contacts to colleagues, each batch in a transaction of its own. Safe to repeat: who has an owner is passed over. */
export const assignRemainingContacts = task<
  { orgId: string; integrationId: string },
  { database: Rows; clock: Clock; published(): void }
>(assignRemaining, async (place, { database, clock, published }, { signal }) => {
  for (let isMore = true; isMore; ) {
    signal.throwIfAborted()
    isMore = await database.transaction(place.orgId, (tx) =>
      assignOn(tx, changeRecords, { ...place, at: clock.now() }),
    )
    published()
  }
})
