import { replayingDelivery } from '#control/replay-delivery.ts'
import { type C3WebhookDeliveryRow, deliveryTablesHere } from '../store/deliveries.ts'
import { integrationsOf } from '../store/integrations.ts'
import { asTransaction } from '../store/transaction.ts'

/** Has the records of a delivery of C3's read again. */
export const replayDelivery = replayingDelivery<C3WebhookDeliveryRow>({
  tables: deliveryTablesHere,
  action: 'replayC3Delivery',
  subject: 'C3WebhookDelivery',
  obstacle: async (tx, orgId, { integration_id: id, account_id: accountId }) => {
    const [integration] = await integrationsOf(asTransaction(tx), orgId, [id])
    if (!integration || integration.disconnectedAt) return 'ended'
    return integration.accountId === accountId ? undefined : 'foreign'
  },
})
