import { publish } from '#events/outbox.ts'
import { isHubError } from '#kernel/errors.ts'
import { isId } from '#kernel/ids.ts'
import { afterwards } from '#kernel/planning.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { type InvalidRefusal, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { integrationChanged } from '../domain/telling.ts'
import { forgetRecords } from '../jobs/definitions.ts'
import { endIntegration, integrationsOf, lockIntegration } from '../store/integrations.ts'
import { dropSecrets } from '../store/webhook-secrets.ts'
import { auditedConnection } from './connect-c3.ts'
import { namedConnection } from './name-connection.ts'
import { stopReading } from './read-on.ts'

/**
 * Ends a connection: its key is destroyed here first, whatever C3 says, and its webhook is then taken away there. What it brought stays,
 * or leaves the hub bit by bit.
 */
export const disconnectC3 = async (
  ctx: Context,
  ask: { integrationId: string | null; keepsRecords: boolean },
): Promise<
  { integrationId: string; keepsRecords: boolean; receipt: Receipt } | InvalidRefusal | MissingRefusal
> => {
  const { orgId, principal, clock, c3s, log, jobs } = ctx
  const { keepsRecords } = ask
  if (ask.integrationId !== null && !isId(ask.integrationId)) return missing('The C3 connection')
  const named = await namedConnection(ctx, ask.integrationId)
  if ('__typename' in named) return named
  const ended = await ctx.write(async (tx) => {
    const row = await lockIntegration(tx, orgId, named.id)
    if (!row || row.disconnectedAt) return missing('The C3 connection')
    const at = clock.now()
    await endIntegration(tx, orgId, row.id, { keepsRecords, at })
    await dropSecrets(tx, orgId, row.id)
    await stopReading(tx, { orgId, integrationId: row.id, clock })
    if (!keepsRecords) await jobs.enqueue(tx, forgetRecords, { orgId, integrationId: row.id })
    await audit(tx, {
      ...{ orgId, principal, action: 'disconnectC3', at },
      subject: { type: 'C3Integration', id: row.id },
      before: auditedConnection(row) ?? null,
      after: { keepsRecords },
    })
    const [now] = await integrationsOf(tx, orgId, [row.id])
    await publish(tx, orgId, now ? [integrationChanged(now)] : [], at)
    return { integrationId: row.id, keepsRecords, receipt: await receiptOf(tx), row }
  })
  if ('__typename' in ended) return ended
  const { row, ...told } = ended
  if (row.status === 'ACTIVE' && row.webhookUrl)
    await afterwards('C3', async () => {
      try {
        await (await c3s.open(row, { interactive: true })).removeWebhook()
      } catch (error) {
        // What it still posts is refused: the secret that would have proved it is destroyed.
        if (!isHubError(error)) throw error
        log.warn({ err: error, orgId, integrationId: row.id }, 'could not take a webhook away at C3')
      }
    })
  return told
}
