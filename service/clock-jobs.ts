import { z } from 'zod'
import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { job, task } from './job-definition.ts'
import type { Jobs } from './jobs.ts'

const forgetting = z.object({ orgId: z.string(), connectionId: z.string() })
export type Forgetting = z.infer<typeof forgetting>

/** Forgets what syncs of a connection did that is older than it is kept. */
export const forgetHistory = job({ name: 'forget-sync-history', payload: forgetting, batch: 1 })

/** Begins what is due by the clock. One a minute for all processes together; one that is missed, the next makes up for. */
export const keepSchedules = job({
  name: 'keep-schedules',
  payload: z.object({}),
  batch: 1,
  attempts: 1,
  schedule: { cron: '* * * * *', payload: {} },
})

/** What is worked with. The database goes through as it is: what it holds this floor does not know. */
interface Place {
  database: object
  clock: Clock
}

/** Has what is kept no longer forgotten soon after a transaction. */
export type Forget = (tx: object, place: Forgetting) => Promise<unknown>

/**
 * How schedules are kept, once for all subgraphs. Safe to repeat, and for many at once: a slot is taken once.
 * @param shortest how often changes are read at most; 0: nothing is done by the clock
 * @param begin begins what is due
 */
export const keepingSchedules = (
  shortest: number,
  begin: (around: Place & { log: Log; forget: Forget }, signal: AbortSignal) => Promise<unknown>,
) =>
  task<Record<string, never>, Place & { log: Log; jobs: Jobs; published(): void }>(
    keepSchedules,
    async (_, { database, clock, log, jobs, published }, { signal }) => {
      if (shortest === 0) return
      const forget: Forget = (tx, place) => jobs.enqueue(tx, forgetHistory, place)
      await begin({ database, clock, log, forget }, signal)
      published()
    },
  )

/** How what syncs of a connection did is forgotten longer ago than it is kept, once for all subgraphs. Safe to repeat. */
export const forgettingHistory = (
  forget: (
    database: object,
    place: Forgetting,
    now: Date,
    options: { signal: AbortSignal },
  ) => Promise<unknown>,
) =>
  task<Forgetting, Place>(forgetHistory, async (place, { database, clock }, { signal }) => {
    await forget(database, place, clock.now(), { signal })
  })
