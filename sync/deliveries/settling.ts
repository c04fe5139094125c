import type { Database } from '#db/client.ts'
import { type Clock, repeat } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { keptDeliveries } from './kept.ts'
import type { DeliveryStatus, DeliveryTables } from './tables.ts'

export interface SettlingOptions {
  database: Database<never>
  tables: DeliveryTables
  clock: Clock
  log: Log
  /** How often to look at deliveries that came. Default 1,000. */
  everyMs?: number
}

/** Failed ones are looked at once in so many looks: their records wait for minutes or for people. */
const FAILED_EVERY = 15
const AT_ONCE = 2_000

/**
 * Says of deliveries what became of them once their records were read. Any number of processes may do so: each delivery is settled
 * once, and nothing waits for it.
 */
export const startSettling = ({
  database,
  tables,
  clock,
  log,
  everyMs = 1_000,
}: SettlingOptions): AsyncDisposable => {
  const { settleDeliveries, unsettledOrganisations } = keptDeliveries(tables)
  const settle = async (statuses: readonly DeliveryStatus[], signal: AbortSignal) => {
    const organisations = await database.relay((tx) => unsettledOrganisations(tx, statuses))
    for (const orgId of organisations)
      for (let settled = AT_ONCE; settled === AT_ONCE && !signal.aborted; )
        settled = await database.transaction(orgId, (tx) =>
          settleDeliveries(tx, orgId, { statuses, at: clock.now(), limit: AT_ONCE }),
        )
  }
  return repeat(
    (signal, look) => settle(look % FAILED_EVERY === 0 ? ['RECEIVED', 'FAILED'] : ['RECEIVED'], signal),
    { everyMs, failed: (error) => log.warn({ err: error }, 'could not look what became of webhooks') },
  )
}
