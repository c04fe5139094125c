import type { Database } from '#db/client.ts'
import type { Clock } from '#kernel/clock.ts'
import { keptDeliveries } from './kept.ts'
import type { DeliveryTables } from './tables.ts'

const DAY_MS = 86_400_000
/** How long it can be asked what was told. */
const KEPT_DAYS = 30
/** What could not be stored until then will not be for want of the message's words; a dead letter remains. */
export const WORDS_KEPT_DAYS = 7
/** Nobody sends again for longer than a day or so. */
const HASHES_KEPT_DAYS = 3
const COUNTS_KEPT_DAYS = 400
const AT_ONCE = 5_000

/** Forgets deliveries that are older than they are kept, in bounded batches. Safe to repeat. */
export const forgetOldDeliveries = async (
  { database, tables, clock }: { database: Database<never>; tables: DeliveryTables; clock: Clock },
  signal: AbortSignal,
): Promise<void> => {
  const { forgetDeliveries, organisationsWithDeliveries } = keptDeliveries(tables)
  const ago = (days: number) => new Date(clock.now().getTime() - days * DAY_MS)
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
}
