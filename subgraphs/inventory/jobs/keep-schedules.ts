import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { type Forgetting, forgetHistory, keepSchedules } from '#service/clock-jobs.ts'
import { type Jobs, task } from '#service/jobs.ts'
import type { RunProgress } from '#sync/run.ts'
import { doScheduled } from '#sync/scheduled-work.ts'
import { runProgressed } from '../domain/telling.ts'
import type { Rows } from '../store/transaction.ts'
import { wantedSchedules } from '../sync/settings.ts'

/**
 * Begins what is due by the clock. Safe to repeat, and for many at once: a slot is taken once.
 * @param shortest how often changes are read at most; 0: nothing is done by the clock
 */
export const keepAllSchedules = (shortest: number) =>
  task<Record<string, never>, { database: Rows; clock: Clock; log: Log; jobs: Jobs; published(): void }>(
    keepSchedules,
    async (_, { database, clock, log, jobs, published }, { signal }) => {
      if (shortest === 0) return
      const progressed = (run: RunProgress) => [runProgressed(run)]
      const forget = (tx: object, place: Forgetting) => jobs.enqueue(tx, forgetHistory, place)
      const wanted = wantedSchedules(shortest)
      await doScheduled({ database: database as never, clock, log, wanted, progressed, forget }, signal)
      published()
    },
  )
