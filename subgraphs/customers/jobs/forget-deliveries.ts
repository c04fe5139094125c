import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { forgetOldDeliveries as forgetDeliveries, WORDS_KEPT_DAYS } from '#sync/deliveries/forget.ts'
import { deliveryTablesHere } from '../store/deliveries.ts'
import { forgetStrays } from '../store/strays.ts'
import type { Rows } from '../store/transaction.ts'
import { forgetOldDeliveries } from './definitions.ts'

const DAY_MS = 86_400_000

/** Forgets webhooks that are older than they are kept, in bounded batches. Safe to repeat. */
export const forgetOld = task<Record<string, never>, { database: Rows; clock: Clock }>(
  forgetOldDeliveries,
  async (_, { database, clock }, { signal }) => {
    const before = new Date(clock.now().getTime() - WORDS_KEPT_DAYS * DAY_MS)
    await database.relay((tx) => forgetStrays(tx, before))
    await forgetDeliveries({ database: database as never, tables: deliveryTablesHere, clock }, signal)
  },
)
