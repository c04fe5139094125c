import { randomBytes } from 'node:crypto'
import { newId } from '#kernel/ids.ts'
import { byChance } from '#kernel/planning.ts'
import { audit } from '#service/audit.ts'
import { type InvalidRefusal, invalid } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { MOST_WEBHOOKS, placeOfSecret, secretFrom, type WebhookWish, wishFault } from '../domain/webhooks.ts'
import { countWebhooks, insertWebhook, type PartnerWebhookRow } from '../store/webhooks.ts'

export interface PartnerWebhookCreated {
  __typename: 'PartnerWebhookCreated'
  webhook: PartnerWebhookRow
  secret: string
}

/** Makes a webhook. Its secret is in the answer; here it is kept sealed. */
export const createPartnerWebhook = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock' | 'vault' | 'partners'>,
  wish: WebhookWish,
): Promise<PartnerWebhookCreated | InvalidRefusal> => {
  const fault = wishFault(wish, ctx.partners.mayBe)
  if (fault) return invalid(fault.field, fault.message)
  const { orgId, principal, clock, vault } = ctx
  const at = clock.now()
  const id = newId(clock)
  const secret = byChance(secretFrom(randomBytes(32)))
  const sealed = vault.seal(secret, placeOfSecret(orgId, id))
  return await ctx.db.transaction(orgId, async (tx) => {
    if ((await countWebhooks(tx, orgId)) >= MOST_WEBHOOKS)
      return invalid(null, `There are ${MOST_WEBHOOKS} webhooks already. Delete one first.`, 'TOO_MANY')
    const { name, url, events } = wish
    const made = { id, name: name.trim(), url, events: [...new Set(events)], createdBy: principal.id }
    const webhook = await insertWebhook(tx, orgId, { ...made, secret: sealed }, at)
    const subject = { type: 'PartnerWebhook', id }
    await audit(tx, { orgId, principal, action: 'createPartnerWebhook', subject, after: { ...webhook }, at })
    return { __typename: 'PartnerWebhookCreated', webhook, secret }
  })
}
