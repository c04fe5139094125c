import type { Clock } from '#kernel/clock.ts'
import { NO_ID } from '#kernel/ids.ts'
import { type Jobs, task } from '#service/jobs.ts'
import type { NumberOf } from '../commands/write-assets.ts'
import { endUsageTurn, writeUsage } from '../commands/write-usage.ts'
import type { Rows } from '../store/transaction.ts'
import { changeRecords } from '../sync/change-records.ts'
import { writeAllUsage } from './definitions.ts'

/** Lets companies and timelines tell what was used, a page of customers at a time, and looks again a day later. Safe to repeat, and to break off anywhere. */
export const writeUsageWith = (numberOf: NumberOf, hasDeveloper: boolean) =>
  task<{ orgId: string; turn: string }, { database: Rows; clock: Clock; jobs: Jobs; published(): void }>(
    writeAllUsage,
    async ({ orgId }, { database, clock, jobs, published }, { signal }) => {
      const around = { changeRecords, numberOf, orgId, hasDeveloper, at: clock.now() }
      for (let after: string | undefined = NO_ID; after !== undefined; ) {
        signal.throwIfAborted()
        const from: string = after
        after = await database.transaction(orgId, (tx) => writeUsage(tx, around, { after: from }))
        published()
      }
      await database.transaction(orgId, async (tx) => {
        const next = await endUsageTurn(tx, around)
        const turn = `again ${next?.toISOString().slice(0, 10)}`
        if (next) await jobs.enqueue(tx, writeAllUsage, { orgId, turn }, { at: next })
      })
    },
  )
