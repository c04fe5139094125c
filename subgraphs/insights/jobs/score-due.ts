/** Scores customers whose facts changed or whose time has come. Safe to run in several processes at once. */
import { type Clock, sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { organisationsToScore, scoreOrganisation } from '../commands/score-customers.ts'
import { SCORING_CHANNEL } from '../store/news.ts'
import { Patience } from './patience.ts'

/** What the loop works on: the subgraph's database, seen by what it needs of it. */
export interface Rows {
  relay<T>(run: (tx: object) => Promise<T>): Promise<T>
  transaction<T>(orgId: string, run: (tx: object) => Promise<T>): Promise<T>
  listen(channel: string, wake: () => void): AsyncDisposable
}

const BATCH = 250
const LOOK_EVERY_MS = 1000
// Facts of one customer come in handfuls: waiting this long scores it once instead of once for each.
const GATHER_MS = 20

/** Starts the loop. It looks when facts are committed, and every second for customers whom time alone has moved. */
export const startScoring = (options: {
  rows: Rows
  clock: Clock
  log: Log
  /** Called after scores were written. */
  published(): void
}): AsyncDisposable => {
  const { rows, clock, log, published } = options
  const stopping = new AbortController()
  const patience = new Patience()
  let quiet = new AbortController()

  /** One batch of each organisation that has any, so that one import does not hold up the others. @returns whether there may be more */
  const turn = async (): Promise<boolean> => {
    const organisations = await rows.relay((tx) => organisationsToScore(tx, clock.now()))
    let scored = 0
    for (const orgId of organisations) {
      if (stopping.signal.aborted) return false
      if (!patience.allows(orgId, performance.now())) continue
      try {
        const taken = await rows.transaction(orgId, (tx) => scoreOrganisation(tx, orgId, clock.now(), BATCH))
        patience.scored(orgId, taken === BATCH, performance.now())
        scored += taken
      } catch (error) {
        // The others' turn comes all the same.
        log.warn({ err: error, orgId }, 'scores could not be computed; tried again')
      }
    }
    if (scored > 0) published()
    return scored > 0
  }

  const loop = async () => {
    while (!stopping.signal.aborted) {
      quiet = new AbortController()
      try {
        while (await turn());
      } catch (error) {
        log.warn({ err: error }, 'it could not be learned who is to be scored; tried again')
      }
      if (stopping.signal.aborted) return
      await sleep(LOOK_EVERY_MS, quiet.signal)
      await sleep(GATHER_MS, stopping.signal)
    }
  }

  const listening = rows.listen(SCORING_CHANNEL, () => {
    patience.news(performance.now())
    quiet.abort()
  })
  const looping = loop()
  return {
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      quiet.abort()
      await listening[Symbol.asyncDispose]()
      await looping
    },
  }
}
