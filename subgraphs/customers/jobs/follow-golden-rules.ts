/** Lets customers follow a change of the rules by which their values are chosen, batch by batch. Safe to run in several processes, and to break off anywhere. */
import type { Clock } from '#kernel/clock.ts'
import { type TurnOptions, takeTurns } from '#service/turns.ts'
import { followGoldenRules } from '../commands/follow-golden-rules.ts'
import { GOLDEN_CHANNEL, organisationsToFollow } from '../store/golden-rules.ts'
import { asTransaction } from '../store/transaction.ts'

const BATCH = 500
const LOOK_EVERY_MS = 5000

/** Starts the loop. It looks when rules are changed, and now and then for what a dead process left behind. */
export const startFollowingRules = ({
  rows,
  clock,
  batch = BATCH,
  ...rest
}: Pick<TurnOptions, 'rows' | 'log' | 'published'> & {
  clock: Clock
  /** Customers at a time. Tests turn it. */
  batch?: number
}): AsyncDisposable =>
  takeTurns({
    ...rest,
    rows,
    channel: GOLDEN_CHANNEL,
    everyMs: LOOK_EVERY_MS,
    organisations: (tx) => organisationsToFollow(asTransaction(tx)),
    turn: async (orgId) => {
      const done = await rows.transaction(orgId, (tx) => followGoldenRules(tx, orgId, clock.now(), batch))
      return done !== undefined
    },
    trouble: 'customers could not follow their rules; tried again',
  })
