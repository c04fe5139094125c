import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { ALERT_AFTER, type Alert, type RaiseAlerts } from '#sync/alerts.ts'
import { organisationsSince, type TroubledConnection, troubledConnections } from '../store/deliveries.ts'
import type { Rows } from '../store/transaction.ts'

/** Twice the time between two looks: one that was missed is made up for. */
const LOOK_BACK_MS = 120_000

/** Tells operators of connections whose webhooks HubSpot had to send again and again, and of ended ones that still get some. */
export const tellTroubledDeliveries = async (options: {
  database: Rows
  clock: Clock
  raise: RaiseAlerts
}): Promise<void> => {
  const { database, clock, raise } = options
  const at = clock.now()
  const since = new Date(at.getTime() - LOOK_BACK_MS)
  for (const orgId of await database.relay((tx) => organisationsSince(tx, since)))
    await database.transaction(orgId, async (tx) => {
      const troubled = await troubledConnections(tx, orgId, { since, attempt: ALERT_AFTER })
      await publish(tx, orgId, await raise(tx, orgId, troubled.flatMap(alertsOf), at), at)
    })
}

const alertsOf = ({ integration_id: connectionId, late, ended }: TroubledConnection): Alert[] => {
  const about = { connectionId, subject: 'CONNECTION', type: undefined } as const
  return [
    ...(late > 0
      ? [
          {
            ...about,
            code: 'HUB_WEBHOOK_LATE',
            reason: `HubSpot could deliver webhooks only after ${ALERT_AFTER} tries that failed.`,
            guidance:
              'Look at whether the hub was down or slow. What they told is being read; nothing is lost.',
            count: late,
          },
        ]
      : []),
    ...(ended > 0
      ? [
          {
            ...about,
            code: 'HUB_WEBHOOK_UNROUTABLE',
            reason: 'HubSpot still sends webhooks of a connection that was ended.',
            guidance:
              'Take the app out of the HubSpot account, or connect it again. Nothing was done with them.',
            count: ended,
          },
        ]
      : []),
  ]
}
