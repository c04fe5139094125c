import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { forgetOldDeliveries } from '#sync/deliveries/forget.ts'
import { deliveryTablesHere } from '../store/deliveries.ts'
import type { Rows } from '../store/transaction.ts'
import { forgetWebhooks } from './definitions.ts'

/** Forgets webhooks that are older than they are kept, in bounded batches. Safe to repeat. */
export const forgetOldWebhooks = task<Record<string, never>, { database: Rows; clock: Clock }>(
  forgetWebhooks,
  async (_, { database, clock }, { signal }) =>
    forgetOldDeliveries({ database: database as never, tables: deliveryTablesHere, clock }, signal),
)
