/** Finds out which accounts are the same customer, batch by batch. Safe to run in several processes, and to break off anywhere. */
import type { Clock } from '#kernel/clock.ts'
import type { Vault } from '#kernel/vault.ts'
import { type TurnOptions, takeTurns } from '#service/turns.ts'
import { matchSome } from '../commands/match-accounts.ts'
import { MATCHING_CHANNEL } from '../store/identities.ts'
import { organisationsToMatch } from '../store/matching.ts'
import { asTransaction } from '../store/transaction.ts'

const BATCH = 250
const LOOK_EVERY_MS = 5000

/** Starts the loop. It looks when accounts change, and now and then for what a dead process left behind. */
export const startMatching = ({
  rows,
  clock,
  vault,
  batch = BATCH,
  ...rest
}: Pick<TurnOptions, 'rows' | 'log' | 'published'> & {
  clock: Clock
  vault: Vault
  /** Accounts at a time. Tests turn it. */
  batch?: number
}): AsyncDisposable =>
  takeTurns({
    ...rest,
    rows,
    channel: MATCHING_CHANNEL,
    everyMs: LOOK_EVERY_MS,
    organisations: (tx) => organisationsToMatch(asTransaction(tx)),
    turn: (orgId) =>
      rows.transaction(orgId, (tx) => matchSome(asTransaction(tx), { orgId, vault, at: clock.now() }, batch)),
    trouble: 'accounts could not be matched; tried again',
  })
