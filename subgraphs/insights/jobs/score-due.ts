/** Scores customers whose facts changed or whose time has come. Safe to run in several processes at once. */
import { type Clock, sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { organisationsToScore, scoreOrganisation } from '../commands/score-customers.ts'

/** What the loop works on: the subgraph's database, seen by what it needs of it. */
export interface Rows {
  relay<T>(run: (tx: object) => Promise<T>): Promise<T>
  transaction<T>(orgId: string, run: (tx: object) => Promise<T>): Promise<T>
}

const BATCH = 250
const LOOK_EVERY_MS = 1000
// Facts of one customer come in handfuls: waiting this long scores it once instead of once for each.
const GATHER_MS = 20

export interface Scoring extends AsyncDisposable {
  /** Says that facts have changed: looks at once instead of at the next turn. */
  wake(): void
}

/** Starts the loop. It looks when woken, and every second for customers whom time alone has moved. */
export const startScoring = (options: {
  rows: Rows
  clock: Clock
  log: Log
  /** Called after scores were written. */
  published(): void
}): Scoring => {
  const { rows, clock, log, published } = options
  const stopping = new AbortController()
  let news = Promise.withResolvers<void>()
  const wake = () => news.resolve()

  /** One batch of each organisation that has any, in turn, so that one import does not hold up the others. */
  const turn = async (): Promise<boolean> => {
    const organisations = await rows.relay((tx) => organisationsToScore(tx, clock.now()))
    let scored = 0
    for (const orgId of organisations) {
      if (stopping.signal.aborted) return false
      scored += await rows.transaction(orgId, (tx) => scoreOrganisation(tx, orgId, clock.now(), BATCH))
    }
    if (scored > 0) published()
    return scored > 0
  }

  const loop = async () => {
    while (!stopping.signal.aborted) {
      news = Promise.withResolvers<void>()
      try {
        while (await turn());
      } catch (error) {
        log.warn({ err: error }, 'scores could not be computed; tried again')
      }
      const quiet = new AbortController()
      const nap = sleep(LOOK_EVERY_MS, AbortSignal.any([stopping.signal, quiet.signal]))
      await Promise.race([news.promise, nap])
      quiet.abort()
      await sleep(GATHER_MS, stopping.signal)
    }
  }

  const looping = loop()
  return {
    wake,
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      await looping
    },
  }
}
