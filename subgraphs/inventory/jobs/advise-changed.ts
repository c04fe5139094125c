/** Advises on parts, requests and suppliers of which something was learnt. Safe to run in several processes, and to break off anywhere. */
import type { Clock } from '#kernel/clock.ts'
import { type TurnOptions, takeTurns } from '#service/turns.ts'
import { adviseSome, readvise } from '../commands/advise.ts'
import { ADVICE_CHANNEL, organisationsSynced, organisationsToAdvise } from '../store/advice-due.ts'
import { asTransaction } from '../store/transaction.ts'

const BATCH = 50
const LOOK_EVERY_MS = 5000

/** Starts the loop. It looks when something was learnt, and now and then for what a sync has left it. */
export const startAdvising = ({
  rows,
  clock,
  batch = BATCH,
  ...rest
}: Pick<TurnOptions, 'rows' | 'log' | 'published'> & {
  clock: Clock
  /** Of how much at a time. Tests turn it. */
  batch?: number
}): AsyncDisposable => {
  // What older methods have proposed is looked at once by each process, before anything else.
  const readvised = new Set<string>()
  let isFirst = true
  return takeTurns({
    ...rest,
    rows,
    channel: ADVICE_CHANNEL,
    everyMs: LOOK_EVERY_MS,
    organisations: async (raw) => {
      const tx = asTransaction(raw)
      const all = isFirst ? await organisationsSynced(tx) : await organisationsToAdvise(tx)
      isFirst = false
      return all
    },
    turn: (orgId) =>
      rows.transaction(orgId, async (raw) => {
        const tx = asTransaction(raw)
        if (readvised.has(orgId)) return await adviseSome(tx, { orgId, clock }, batch)
        await readvise(tx, orgId)
        readvised.add(orgId)
        return true
      }),
    trouble: 'advice could not be given; tried again',
  })
}
