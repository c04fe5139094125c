import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { forgetDeliveries } from '../store/deliveries.ts'
import { forgetStrays } from '../store/strays.ts'
import type { Rows } from '../store/transaction.ts'
import { organisationsWithDeliveries } from '../store/webhooks.ts'
import { forgetOldDeliveries } from './definitions.ts'

const DAY_MS = 86_400_000
/** How long it can be asked what HubSpot told. */
const KEPT_DAYS = 30
/** What could not be stored until then will not be for want of the message's words; a dead letter remains. */
const WORDS_KEPT_DAYS = 7
/** HubSpot sends again for a day at most. */
const HASHES_KEPT_DAYS = 3
const COUNTS_KEPT_DAYS = 400
const AT_ONCE = 5_000

/** Forgets webhooks that are older than they are kept, in bounded batches. Safe to repeat. */
export const forgetOld = task<Record<string, never>, { database: Rows; clock: Clock }>(
  forgetOldDeliveries,
  async (_, { database, clock }, { signal }) => {
    const ago = (days: number) => new Date(clock.now().getTime() - days * DAY_MS)
    await database.relay((tx) => forgetStrays(tx, ago(WORDS_KEPT_DAYS)))
    const bounds = {
      before: ago(KEPT_DAYS),
      wordsBefore: ago(WORDS_KEPT_DAYS),
      hashesBefore: ago(HASHES_KEPT_DAYS),
      daysBefore: ago(COUNTS_KEPT_DAYS),
      limit: AT_ONCE,
    }
    for (const orgId of await database.relay(organisationsWithDeliveries))
      for (let gone = AT_ONCE; gone >= AT_ONCE && !signal.aborted; )
        gone = await database.transaction(orgId, (tx) => forgetDeliveries(tx, orgId, bounds))
  },
)
