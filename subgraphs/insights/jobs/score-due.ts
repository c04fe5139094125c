/** Scores customers whose facts changed or whose time has come. Safe to run in several processes at once. */
import type { Clock } from '#kernel/clock.ts'
import type { Alarm } from '#service/alerts.ts'
import { type TurnOptions, takeTurns } from '#service/turns.ts'
import { isOfACustomer, scoreByHalves } from '../commands/score-by-halves.ts'
import { organisationsToScore, scoreOrganisation } from '../commands/score-customers.ts'
import { SCORING_CHANNEL } from '../store/news.ts'
import { Patience } from './patience.ts'
import { startTally } from './tally.ts'

const BATCH = 250
// Of an organisation with more waiting than one batch takes: one is worked out while the database reads and writes for the others. Each goes
// on with another batch without waiting for its neighbours; not for long, since other organisations wait for their turn.
const AT_ONCE = 4
const IN_A_ROW = 4
const LOOK_EVERY_MS = 1000
// Facts of one customer come in handfuls: waiting this long scores it once instead of once for each.
const GATHER_MS = 20

/** Starts the loop. It looks when facts are committed, and every second for customers whom time alone has moved. */
export const startScoring = ({
  rows,
  clock,
  alarm: told,
  ...rest
}: Pick<TurnOptions, 'rows' | 'log' | 'published'> & {
  clock: Clock
  alarm: Pick<Alarm, 'jobs' | 'sends'>
}): AsyncDisposable => {
  const alarm: Alarm = { ...told, clock, log: rest.log }
  const batch = (orgId: string): Promise<number> =>
    rows
      .transaction(orgId, (tx) => scoreOrganisation(tx, orgId, clock.now(), BATCH))
      .catch((error: unknown) => {
        if (!isOfACustomer(error)) throw error
        return rows.transaction(orgId, (tx) => scoreByHalves(tx, orgId, { alarm, limit: BATCH }))
      })
  const patience = new Patience()
  const behind = new Set<string>()
  const stack = new AsyncDisposableStack()
  const tally = stack.use(startTally('JUDGE', { rows, clock, log: rest.log }))
  const turns = takeTurns({
    ...rest,
    rows,
    channel: SCORING_CHANNEL,
    everyMs: LOOK_EVERY_MS,
    gatherMs: GATHER_MS,
    news: () => patience.news(performance.now()),
    organisations: (tx) => organisationsToScore(tx, clock.now()),
    turn: async (orgId) => {
      if (!patience.allows(orgId, performance.now())) return false
      const inARow = async (batches: number): Promise<number[]> => {
        const taken = await tally.count(orgId, () => batch(orgId))
        return taken === BATCH && batches > 1 ? [taken, ...(await inARow(batches - 1))] : [taken]
      }
      const isBehind = behind.has(orgId)
      const done = await Promise.allSettled(
        Array.from({ length: isBehind ? AT_ONCE : 1 }, () => inARow(isBehind ? IN_A_ROW : 1)),
      )
      const taken = done.flatMap((one) => (one.status === 'fulfilled' ? one.value : 0))
      const isFull = taken.every((count) => count === BATCH)
      if (isFull) behind.add(orgId)
      else behind.delete(orgId)
      patience.scored(orgId, isFull, performance.now())
      for (const one of done) if (one.status === 'rejected') throw one.reason
      return taken.some((count) => count > 0)
    },
    trouble: 'scores could not be computed; tried again',
  })
  stack.use(turns)
  return stack
}
