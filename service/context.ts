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
