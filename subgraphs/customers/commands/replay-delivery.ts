import { replayingDelivery } from '#control/replay-delivery.ts'
import { deliveryTablesHere, type WebhookDeliveryRow } from '../store/deliveries.ts'
import { integrationsOf } from '../store/integrations.ts'
import { asTransaction } from '../store/transaction.ts'

/** Has the records of a delivery of HubSpot's read again, with their links. */
export const replayDelivery = replayingDelivery<WebhookDeliveryRow>({
  tables: deliveryTablesHere,
  action: 'replayDelivery',
  subject: 'WebhookDelivery',
  obstacle: async (tx, orgId, { integration_id: id }) => {
    const [integration] = await integrationsOf(asTransaction(tx), orgId, [id])
    return !integration || integration.disconnected_at ? 'ended' : undefined
  },
})
