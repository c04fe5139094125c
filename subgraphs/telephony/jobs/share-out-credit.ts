/** Has the trunks follow a credit rule that was set for more accounts than are changed at once. Safe to run in several processes, and to break off anywhere. */
import type { Clock } from '#kernel/clock.ts'
import { type TurnOptions, takeTurns } from '#service/turns.ts'
import { shareOutCredit } from '../commands/share-out-credit.ts'
import { organisationsSharing, SHARING_CHANNEL } from '../store/credit-sharing.ts'
import { asTransaction } from '../store/transaction.ts'

const LOOK_EVERY_MS = 60_000

/** Starts the loop. It looks when a rule was set, and now and then for what a process that died has left. */
export const startSharing = ({
  rows,
  clock,
  ...rest
}: Pick<TurnOptions, 'rows' | 'log' | 'published'> & { clock: Clock }): AsyncDisposable =>
  takeTurns({
    ...rest,
    rows,
    channel: SHARING_CHANNEL,
    everyMs: LOOK_EVERY_MS,
    organisations: (tx) => organisationsSharing(asTransaction(tx)),
    turn: (orgId) => rows.transaction(orgId, (tx) => shareOutCredit(asTransaction(tx), { orgId, clock })),
    trouble: 'calls could not be shared out by the new rule; tried again',
  })
