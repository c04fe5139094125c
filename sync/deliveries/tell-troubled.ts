import type { Database } from '#db/client.ts'
import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { ALERT_AFTER, type Alert, type RaiseAlerts } from '../alerts.ts'
import { keptDeliveries, type TroubledConnection } from './kept.ts'
import type { DeliveryTables } from './tables.ts'

/** What is said of connections whose deliveries are in trouble. */
export interface TroubleWords {
  /** Who delivers, as people call it. */
  sender: string
  /** What it is when nothing is done with deliveries that come for a connection. */
  unroutable: { reason: string; guidance: string }
}

/** Twice the time between two looks: one that was missed is made up for. */
const LOOK_BACK_MS = 120_000

/** Tells operators of connections whose deliveries had to be sent again and again, and of those that get some with which nothing is done. */
export const tellTroubled = async (options: {
  database: Database<never>
  tables: DeliveryTables
  clock: Clock
  raise: RaiseAlerts
  words: TroubleWords
}): Promise<void> => {
  const { database, tables, clock, raise, words } = options
  const { organisationsSince, troubledConnections } = keptDeliveries(tables)
  const at = clock.now()
  const since = new Date(at.getTime() - LOOK_BACK_MS)
  for (const orgId of await database.relay((tx) => organisationsSince(tx, since)))
    await database.transaction(orgId, async (tx) => {
      const troubled = await troubledConnections(tx, orgId, { since, attempt: ALERT_AFTER })
      const alerts = troubled.flatMap((connection) => alertsOf(connection, words))
      await publish(tx, orgId, await raise(tx, orgId, alerts, at), at)
    })
}

const alertsOf = (
  { integration_id: connectionId, late, ended }: TroubledConnection,
  { sender, unroutable }: TroubleWords,
): Alert[] => {
  const about = { connectionId, subject: 'CONNECTION', type: undefined } as const
  const isLate = {
    ...about,
    code: 'HUB_WEBHOOK_LATE',
    reason: `${sender} could deliver webhooks only after ${ALERT_AFTER} tries that failed.`,
    guidance: 'Look at whether the hub was down or slow. What they told is being read; nothing is lost.',
    count: late,
  }
  const isEnded = { ...about, code: 'HUB_WEBHOOK_UNROUTABLE', ...unroutable, count: ended }
  return [...(late > 0 ? [isLate] : []), ...(ended > 0 ? [isEnded] : [])]
}
