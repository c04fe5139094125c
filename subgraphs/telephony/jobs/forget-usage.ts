import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { task } from '#service/job-definition.ts'
import { keptSince } from '../domain/usage.ts'
import type { Rows } from '../store/transaction.ts'
import { dropUsageDays } from '../store/usage.ts'
import { forgetUsage } from './definitions.ts'

/** Lets single calls and messages go that are older than they are kept, of all organisations. Safe to repeat. */
export const forgetOldUsage = task<Record<string, never>, { database: Rows; clock: Clock; log: Log }>(
  forgetUsage,
  async (_, { database, clock, log }) => {
    const days = await database.relay((tx) => dropUsageDays(tx, keptSince(clock.now())))
    if (days > 0) log.info({ days }, 'let single calls and messages go that were too old')
  },
)
