/** Makes stored records follow a change of their mapping, batch by batch. Safe to run in several processes, and to break off anywhere. */
import { type Clock, sleep } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { organisationsToRederive, REDERIVING_CHANNEL } from '../store/rederivations.ts'
import { asTransaction } from '../store/transaction.ts'
import { rederiveSome } from '../sync/rederive.ts'

/** What the loop works on: the subgraph's database, seen by what it needs of it. */
export interface Rows {
  relay<T>(run: (tx: object) => Promise<T>): Promise<T>
  transaction<T>(orgId: string, run: (tx: object) => Promise<T>): Promise<T>
  listen(channel: string, wake: () => void): AsyncDisposable
}

const BATCH = 500
const LOOK_EVERY_MS = 5000

/** Starts the loop. It looks when a mapping is saved, and now and then for what a dead process left behind. */
export const startRederiving = (options: {
  rows: Rows
  clock: Clock
  log: Log
  /** Called after records were written. */
  published(): void
  /** Records at a time. Tests turn it. */
  batch?: number
}): AsyncDisposable => {
  const { rows, clock, log, published, batch = BATCH } = options
  const stopping = new AbortController()
  let quiet = new AbortController()

  /** One batch of each organisation that has any, so that nobody waits for another's million. @returns whether there may be more */
  const turn = async (): Promise<boolean> => {
    let isMore = false
    for (const orgId of await rows.relay((tx) => organisationsToRederive(asTransaction(tx)))) {
      if (stopping.signal.aborted) return false
      try {
        const done = await rows.transaction(orgId, (tx) => rederiveSome(tx, orgId, clock.now(), batch))
        isMore ||= done !== undefined
        if (done !== undefined) published()
      } catch (error) {
        // The others' turn comes all the same.
        log.warn({ err: error, orgId }, 'records could not be derived anew; tried again')
      }
    }
    return isMore
  }

  const loop = async () => {
    while (!stopping.signal.aborted) {
      quiet = new AbortController()
      try {
        while (await turn());
      } catch (error) {
        log.warn({ err: error }, 'it could not be learned whose records are to be derived anew; tried again')
      }
      if (!stopping.signal.aborted) await sleep(LOOK_EVERY_MS, quiet.signal)
    }
  }

  const listening = rows.listen(REDERIVING_CHANNEL, () => quiet.abort())
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
