import { keepingSchedules } from '#service/clock-jobs.ts'
import { doScheduled } from '#sync/scheduled-work.ts'
import { runProgressed } from '../domain/telling.ts'
import type { Rows } from '../store/transaction.ts'
import { wantedSchedules } from '../sync/settings.ts'
import { expireAllRfqs } from './expire-rfqs.ts'

/**
 * Begins what is due by the clock, and lets requests expire whose date has passed.
 * @param shortest how often changes are read at most; 0: nothing is done by the clock
 */
export const keepAllSchedules = (shortest: number) =>
  keepingSchedules(shortest, async ({ database: raw, ...around }, signal) => {
    const database = raw as Rows
    const wanted = wantedSchedules(shortest)
    await doScheduled(
      { ...around, database: raw as never, wanted, progressed: (run) => [runProgressed(run)] },
      signal,
    )
    await expireAllRfqs({ ...around, database }, signal)
  })
