import { randomBytes } from 'node:crypto'
import { isId } from '#kernel/ids.ts'
import { byChance } from '#kernel/planning.ts'
import { audit } from '#service/audit.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { overlapFault, placeOfSecret, secretFrom } from '../domain/webhooks.ts'
import { lockWebhook, type PartnerWebhookRow, updateWebhook } from '../store/webhooks.ts'

export interface PartnerWebhookSecretRotated {
  __typename: 'PartnerWebhookSecretRotated'
  webhook: PartnerWebhookRow
  secret: string
}

const HOUR_MS = 3_600_000

/** Replaces a webhook's secret. The one before signs too for a while; one before that no longer does. */
export const rotatePartnerWebhookSecret = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock' | 'vault'>,
  id: string,
  overlapHours: number,
): Promise<PartnerWebhookSecretRotated | InvalidRefusal | MissingRefusal> => {
  const fault = overlapFault(overlapHours)
  if (fault) return invalid(fault.field, fault.message)
  if (!isId(id)) return missing('The webhook')
  const { orgId, principal, clock, vault } = ctx
  const secret = byChance(secretFrom(randomBytes(32)))
  const sealed = vault.seal(secret, placeOfSecret(orgId, id))
  return await ctx.db.transaction(orgId, async (tx) => {
    const before = await lockWebhook(tx, orgId, id)
    if (!before) return missing('The webhook')
    const at = clock.now()
    const isKept = overlapHours > 0
    const change = {
      secret: sealed,
      formerSecret: isKept ? before.secret : null,
      formerUntil: isKept ? new Date(at.getTime() + overlapHours * HOUR_MS) : null,
    }
    const webhook = await updateWebhook(tx, orgId, id, change, at)
    const subject = { type: 'PartnerWebhook', id }
    const after = { formerSecretUntil: webhook.formerSecretUntil, version: webhook.version }
    await audit(tx, { orgId, principal, action: 'rotatePartnerWebhookSecret', subject, after, at })
    return { __typename: 'PartnerWebhookSecretRotated', webhook, secret }
  })
}
