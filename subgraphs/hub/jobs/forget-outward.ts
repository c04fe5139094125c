import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { forgetOldOutward } from '../commands/forget-outward.ts'
import { outwardOrganisations } from '../store/outward.ts'
import type { Rows } from '../store/transaction.ts'
import { forgetOutward } from './definitions.ts'

/** Forgets changes and deliveries of all organisations that were kept for long enough. Safe to repeat. */
export const forgetAllOutward = task<
  Record<string, never>,
  { database: Pick<Rows, 'relay' | 'transaction'>; clock: Clock }
>(forgetOutward, async (_, around, { signal }) => {
  for (const orgId of await around.database.relay(outwardOrganisations))
    await forgetOldOutward(around, orgId, signal)
})
