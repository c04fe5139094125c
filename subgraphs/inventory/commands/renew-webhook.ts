import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { setWebhook } from '../jobs/definitions.ts'
import { lockIntegration } from '../store/integrations.ts'
import { makeSecret } from './keep-webhook.ts'
import { namedConnection } from './name-connection.ts'

/** Makes another secret for a connection's webhook, which C3 is then told of. Both count until a day after it has taken it. */
export const renewWebhook = async (
  ctx: Context,
  wanted: string | null,
): Promise<{ integrationId: string; receipt: Receipt } | InvalidRefusal | MissingRefusal> => {
  const { orgId, principal, clock, jobs } = ctx
  if (wanted !== null && !isId(wanted)) return missing('The C3 connection')
  const named = await namedConnection(ctx, wanted)
  if ('__typename' in named) return named
  return await ctx.write(async (tx) => {
    const row = await lockIntegration(tx, orgId, named.id)
    if (!row || row.disconnectedAt) return missing('The C3 connection')
    if (!row.webhookUrl)
      return invalid(
        null,
        'C3 posts nothing for this connection yet, so there is no secret to renew. Whoever runs the hub sets PUBLIC_URL for that.',
        'C3_WITHOUT_WEBHOOK',
      )
    const place = { orgId, integrationId: row.id }
    const { id } = await makeSecret(tx, ctx, place)
    await jobs.enqueue(tx, setWebhook, place)
    await audit(tx, {
      ...{ orgId, principal, action: 'renewC3Webhook', at: clock.now() },
      subject: { type: 'C3Integration', id: row.id },
      after: { secretId: id },
    })
    return { integrationId: row.id, receipt: await receiptOf(tx) }
  })
}
