import type { Clock } from '#kernel/clock.ts'
import type { RaiseAlerts } from '#sync/alerts.ts'
import { tellTroubled } from '#sync/deliveries/tell-troubled.ts'
import { deliveryTablesHere } from '../store/deliveries.ts'
import type { Rows } from '../store/transaction.ts'

const WORDS = {
  sender: 'HubSpot',
  unroutable: {
    reason: 'HubSpot still sends webhooks of a connection that was ended.',
    guidance: 'Take the app out of the HubSpot account, or connect it again. Nothing was done with them.',
  },
}

/** Tells operators of connections whose webhooks HubSpot had to send again and again, and of ended ones that still get some. */
export const tellTroubledDeliveries = ({
  database,
  ...around
}: {
  database: Rows
  clock: Clock
  raise: RaiseAlerts
}): Promise<void> =>
  tellTroubled({ ...around, database: database as never, tables: deliveryTablesHere, words: WORDS })
