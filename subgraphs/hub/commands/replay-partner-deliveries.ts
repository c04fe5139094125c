import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type Range, rangeFault } from '../domain/webhooks.ts'
import { replay } from '../store/deliveries.ts'
import { lockWebhook, type PartnerWebhookRow } from '../store/webhooks.ts'

export interface DeliveriesReplayed {
  __typename: 'DeliveriesReplayed'
  webhook: PartnerWebhookRow
  count: number
}

/** Has events sent to a webhook again, with the ids they had: a stretch of time, or single ones. Of those waiting, nothing is doubled. */
export const replayPartnerDeliveries = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock'>,
  id: string,
  range: Range,
): Promise<DeliveriesReplayed | InvalidRefusal | MissingRefusal> => {
  const fault = rangeFault(range)
  if (fault) return invalid(fault.field, fault.message)
  if (!isId(id)) return missing('The webhook')
  const { orgId, principal, clock } = ctx
  const { from = null, to = null, eventIds = null } = range
  return await ctx.db.transaction(orgId, async (tx) => {
    const found = await lockWebhook(tx, orgId, id)
    if (!found) return missing('The webhook')
    if (found.state === 'DISABLED')
      return invalid(
        'id',
        'The webhook is disabled. Resume it first, then replay what it missed.',
        'NOT_ACTIVE',
      )
    const at = clock.now()
    const count = await replay(tx, orgId, id, { from, to, eventIds }, at)
    const subject = { type: 'PartnerWebhook', id }
    const after = { from, to, events: eventIds?.length ?? null, count }
    await audit(tx, { orgId, principal, action: 'replayPartnerDeliveries', subject, after, at })
    const { secret: _, ...webhook } = found
    return { __typename: 'DeliveriesReplayed', webhook, count }
  })
}
