import type { Clock } from '#kernel/clock.ts'
import type { RaiseAlerts } from '#sync/alerts.ts'
import { tellTroubled } from '#sync/deliveries/tell-troubled.ts'
import { deliveryTablesHere } from '../store/deliveries.ts'
import type { Rows } from '../store/transaction.ts'

const WORDS = {
  sender: 'C3',
  unroutable: {
    reason: 'Webhooks of another account come to the address of this connection, rightly signed.',
    guidance:
      'Look at which account of C3 the connection’s key is of, and renew the webhook. Nothing was done with them.',
  },
}

/** Tells operators of connections whose webhooks C3 had to post again and again, and of those that get another account's. */
export const tellTroubledDeliveries = ({
  database,
  ...around
}: {
  database: Rows
  clock: Clock
  raise: RaiseAlerts
}): Promise<void> =>
  tellTroubled({ ...around, database: database as never, tables: deliveryTablesHere, words: WORDS })
