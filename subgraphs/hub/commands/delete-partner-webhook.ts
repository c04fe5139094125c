import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { deleteWebhook } from '../store/webhooks.ts'

export interface PartnerWebhookDeleted {
  __typename: 'PartnerWebhookDeleted'
  id: string
}

/** Deletes a webhook. What is on its way to it in this moment may still arrive. */
export const deletePartnerWebhook = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock'>,
  id: string,
): Promise<PartnerWebhookDeleted | MissingRefusal> => {
  if (!isId(id)) return missing('The webhook')
  const { orgId, principal, clock } = ctx
  return await ctx.db.transaction(orgId, async (tx) => {
    const before = await deleteWebhook(tx, orgId, id)
    if (!before) return missing('The webhook')
    const subject = { type: 'PartnerWebhook', id }
    await audit(tx, {
      orgId,
      principal,
      action: 'deletePartnerWebhook',
      subject,
      before: { ...before },
      at: clock.now(),
    })
    return { __typename: 'PartnerWebhookDeleted', id }
  })
}
