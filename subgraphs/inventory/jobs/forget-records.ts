import type { Clock } from '#kernel/clock.ts'
import { task } from '#service/job-definition.ts'
import { leaveAll } from '../commands/leave-all.ts'
import { KINDS } from '../domain/kinds.ts'
import type { Rows } from '../store/transaction.ts'
import { c3Target } from '../sync/target.ts'
import { forgetRecords } from './definitions.ts'

interface Around {
  database: Rows
  clock: Clock
  published(): void
}

/** Has everything leave the hub that an ended connection brought, some at a time. Safe to repeat; it stops when the account is connected again. */
export const forgetRecordsOf = task<{ orgId: string; integrationId: string }, Around>(
  forgetRecords,
  async (place, ctx, { signal }) => leaveAll(ctx, place, { kinds: KINDS, target: c3Target, signal }),
)
