/** Judges accounts over whose trunks something went just now. Safe to run in several processes, and to break off anywhere. */
import type { Clock } from '#kernel/clock.ts'
import { type TurnOptions, takeTurns } from '#service/turns.ts'
import { judgeFreshUsage } from '../commands/judge-fresh-usage.ts'
import { organisationsToJudge, USAGE_CHANNEL } from '../store/fresh-usage.ts'
import { asTransaction } from '../store/transaction.ts'

const BATCH = 500
const LOOK_EVERY_MS = 60_000
/** Usage comes in handfuls: what comes within this time is judged once. */
const GATHER_MS = 300

/** Starts the loop. It looks when usage came in, and now and then for what a process that died has left. */
export const startJudging = ({
  rows,
  clock,
  ...rest
}: Pick<TurnOptions, 'rows' | 'log' | 'published'> & { clock: Clock }): AsyncDisposable =>
  takeTurns({
    ...rest,
    rows,
    channel: USAGE_CHANNEL,
    everyMs: LOOK_EVERY_MS,
    gatherMs: GATHER_MS,
    organisations: (tx) => organisationsToJudge(asTransaction(tx)),
    turn: (orgId) =>
      rows.transaction(orgId, (tx) => judgeFreshUsage(asTransaction(tx), { orgId, clock }, BATCH)),
    trouble: 'usage could not be judged; tried again',
  })
