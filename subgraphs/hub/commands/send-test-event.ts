import { isId, newId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { insertForOne } from '../store/deliveries.ts'
import { takePlaces } from '../store/outward.ts'
import { lockWebhook, type PartnerWebhookRow } from '../store/webhooks.ts'

export interface TestEventSent {
  __typename: 'TestEventSent'
  webhook: PartnerWebhookRow
  eventId: string
}

/** Sends a test event to a webhook, on the way of all others. */
export const sendTestEvent = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock'>,
  id: string,
): Promise<TestEventSent | InvalidRefusal | MissingRefusal> => {
  if (!isId(id)) return missing('The webhook')
  const { orgId, principal, clock } = ctx
  const eventId = `hub:${newId(clock)}`
  return await ctx.db.transaction(orgId, async (tx) => {
    const found = await lockWebhook(tx, orgId, id)
    if (!found) return missing('The webhook')
    if (found.state !== 'ACTIVE')
      return invalid('id', 'Nothing is sent to the webhook as it is. Resume it first.', 'NOT_ACTIVE')
    const at = clock.now()
    const place = (await takePlaces(tx, orgId, 1)) + 1
    const message = {
      place,
      id: eventId,
      event: 'WEBHOOK_TEST',
      key: eventId,
      data: { webhookId: id },
    } as const
    await insertForOne(tx, orgId, id, message, at)
    const subject = { type: 'PartnerWebhook', id }
    await audit(tx, { orgId, principal, action: 'sendTestEvent', subject, after: { eventId }, at })
    const { secret: _, ...webhook } = found
    return { __typename: 'TestEventSent', webhook, eventId }
  })
}
