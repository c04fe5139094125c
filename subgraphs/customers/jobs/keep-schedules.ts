import { keepingSchedules } from '#service/clock-jobs.ts'
import { doScheduled } from '#sync/scheduled-work.ts'
import { runProgressed } from '../domain/telling.ts'
import { wantedSchedules } from '../sync/settings.ts'

/** Begins what is due by the clock. @param shortest how often changes are read at most; 0: nothing is done by the clock */
export const keepAllSchedules = (shortest: number) =>
  keepingSchedules(shortest, ({ database, ...around }, signal) =>
    doScheduled(
      {
        ...{ ...around, database: database as never, wanted: wantedSchedules(shortest) },
        progressed: (run) => [runProgressed(run)],
      },
      signal,
    ),
  )
