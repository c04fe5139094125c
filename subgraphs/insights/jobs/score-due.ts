/** Scores customers whose facts changed or whose time has come. Safe to run in several processes at once. */
import type { Clock } from '#kernel/clock.ts'
import { type TurnOptions, takeTurns } from '#service/turns.ts'
import { organisationsToScore, scoreOrganisation } from '../commands/score-customers.ts'
import { SCORING_CHANNEL } from '../store/news.ts'
import { Patience } from './patience.ts'
import { startTally } from './tally.ts'

const BATCH = 250
// Of an organisation with more waiting than one batch takes: one is worked out while the database reads or writes the other.
const BATCHES_AT_ONCE = 2
const LOOK_EVERY_MS = 1000
// Facts of one customer come in handfuls: waiting this long scores it once instead of once for each.
const GATHER_MS = 20

/** Starts the loop. It looks when facts are committed, and every second for customers whom time alone has moved. */
export const startScoring = ({
  rows,
  clock,
  ...rest
}: Pick<TurnOptions, 'rows' | 'log' | 'published'> & { clock: Clock }): AsyncDisposable => {
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
      const batch = () =>
        tally.count(orgId, () =>
          rows.transaction(orgId, (tx) => scoreOrganisation(tx, orgId, clock.now(), BATCH)),
        )
      const batches = Array.from({ length: behind.has(orgId) ? BATCHES_AT_ONCE : 1 }, batch)
      const done = await Promise.allSettled(batches)
      const taken = done.map((one) => (one.status === 'fulfilled' ? one.value : 0))
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
