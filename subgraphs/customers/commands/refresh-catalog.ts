import type { Standstill } from '#control/vendor.ts'
import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { startRun } from '#sync/queue.ts'
import type { RunProgress } from '#sync/run.ts'
import type { Context } from '../context.ts'
import { runProgressed } from '../domain/telling.ts'
import { forgetCatalog, integrationsOf } from '../store/integrations.ts'
import { standstillOf } from './standstill.ts'

/** Has a portal's properties read again by a run that also reads what changed. Null when there is no such connection; in a word why it cannot be read now. */
export const refreshCatalog = (
  ctx: Context,
  integrationId: string,
): Promise<{ run: RunProgress; receipt: Receipt } | Standstill | null> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const [integration] = isId(integrationId) ? await integrationsOf(tx, orgId, [integrationId]) : []
    if (!integration || integration.disconnected_at) return null
    const standstill = await standstillOf(tx, integration)
    if (standstill) return standstill
    const at = clock.now()
    await forgetCatalog(tx, orgId, integrationId)
    const ask = { orgId, connectionId: integrationId, mode: 'INCREMENTAL' as const, clock }
    const { run, isNew } = await startRun(tx, ask)
    const subject = { type: 'HubSpotIntegration', id: integrationId }
    await audit(tx, {
      orgId,
      principal,
      action: 'refreshFieldCatalog',
      subject,
      after: { runId: run.id },
      at,
    })
    if (isNew) await publish(tx, orgId, [runProgressed(run)], at)
    return { run, receipt: await receiptOf(tx) }
  })
