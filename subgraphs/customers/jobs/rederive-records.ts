/** Makes stored records follow a change of their mapping, batch by batch. Safe to run in several processes, and to break off anywhere. */
import type { Clock } from '#kernel/clock.ts'
import { type TurnOptions, takeTurns } from '#service/turns.ts'
import { organisationsToRederive, REDERIVING_CHANNEL } from '../store/rederivations.ts'
import { asTransaction } from '../store/transaction.ts'
import { rederiveSome } from '../sync/rederive.ts'

const BATCH = 500
const LOOK_EVERY_MS = 5000

/** Starts the loop. It looks when a mapping is saved, and now and then for what a dead process left behind. */
export const startRederiving = ({
  rows,
  clock,
  batch = BATCH,
  ...rest
}: Pick<TurnOptions, 'rows' | 'log' | 'published'> & {
  clock: Clock
  /** Records at a time. Tests turn it. */
  batch?: number
}): AsyncDisposable =>
  takeTurns({
    ...rest,
    rows,
    channel: REDERIVING_CHANNEL,
    everyMs: LOOK_EVERY_MS,
    organisations: (tx) => organisationsToRederive(asTransaction(tx)),
    turn: async (orgId) => {
      const done = await rows.transaction(orgId, (tx) => rederiveSome(tx, orgId, clock.now(), batch))
      return done !== undefined
    },
    trouble: 'records could not be derived anew; tried again',
  })
