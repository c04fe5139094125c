import type { Database, Tx } from '#db/client.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import type { Principal } from '#kernel/principal.ts'
import type { SubscribableLog } from './subscriptions.ts'

/** What every resolver of every subgraph can rely on. Made anew for each request and for each event of a subscription. */
export interface BaseContext {
  principal: Principal
  /** The one organisation that is asked for. */
  orgId: string
  clock: Clock
  log: Log
  /** The subgraph's own event log, which subscriptions follow. */
  eventLog: SubscribableLog
  /** Sets a cookie, as `Set-Cookie` writes it, in the browser that asked. Absent where no answer has headers. */
  tellBrowser?: (cookie: string) => void
}

/** One transaction of the caller's organisation; what it published is moved as soon as it has committed. */
export type Write<DB> = <T>(run: (tx: Tx<DB>) => Promise<T>) => Promise<T>

/** Makes the `write` of a context. */
export const writing =
  <DB>(db: Database<DB>, orgId: string, published: () => void): Write<DB> =>
  async (run) => {
    const done = await db.transaction(orgId, run)
    published()
    return done
  }
