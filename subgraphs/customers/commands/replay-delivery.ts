import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { noteSignals } from '#sync/signals.ts'
import type { Context } from '../context.ts'
import { lockDelivery, noteReplay, type WebhookDeliveryRow } from '../store/deliveries.ts'
import { integrationsOf } from '../store/integrations.ts'

/**
 * Has the records of a delivery read again, with their links. Null when there is none with this id; a word when there is nothing to
 * be read, or the connection was ended.
 */
export const replayDelivery = (
  ctx: Context,
  id: string,
): Promise<{ delivery: WebhookDeliveryRow; receipt: Receipt } | 'empty' | 'ended' | null> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const before = isId(id) ? await lockDelivery(tx, orgId, id) : undefined
    if (!before) return null
    const [integration] = await integrationsOf(tx, orgId, [before.integration_id])
    if (!integration || integration.disconnected_at) return 'ended'
    if (before.records.length === 0) return 'empty'
    const at = clock.now()
    const signals = before.records.map(([type, externalId]) => ({
      ...{ orgId, connectionId: before.integration_id, type, externalId, hasLinks: true, isUrgent: true },
    }))
    await noteSignals(tx, signals, at)
    await noteReplay(tx, id, at)
    const delivery: WebhookDeliveryRow = { ...before, status: 'RECEIVED', replayed_at: at, applied_at: null }
    await audit(tx, {
      orgId,
      principal,
      action: 'replayDelivery',
      subject: { type: 'WebhookDelivery', id },
      before: { status: before.status, replayedAt: before.replayed_at },
      after: { status: delivery.status, replayedAt: at },
      at,
    })
    return { delivery, receipt: await receiptOf(tx) }
  })
