import { publish } from '#events/outbox.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { startRun } from '#sync/queue.ts'
import type { RunMode, RunProgress } from '#sync/run.ts'
import type { Context } from '../context.ts'
import { runProgressed } from '../domain/telling.ts'
import { listIntegrations } from '../store/integrations.ts'

/** Asks for a sync with C3. While one is under way for the connection, answers that one. Null when there is no such connection. */
export const startSync = (
  ctx: Context,
  ask: { integrationId: string | null; mode: RunMode },
): Promise<{ run: RunProgress; receipt: Receipt } | 'ambiguous' | null> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const known = await listIntegrations(tx, orgId)
    const wanted = ask.integrationId
      ? known.filter((integration) => integration.id === ask.integrationId)
      : known
    if (wanted.length > 1) return 'ambiguous'
    const integration = wanted[0]
    if (!integration) return null
    const { run, isNew } = await startRun(tx, { orgId, connectionId: integration.id, mode: ask.mode, clock })
    const at = clock.now()
    const subject = { type: 'SyncRun', id: run.id }
    if (isNew)
      await audit(tx, { orgId, principal, action: 'startC3Sync', subject, after: { mode: run.mode }, at })
    await publish(tx, orgId, [runProgressed(run)], at)
    return { run, receipt: await receiptOf(tx) }
  })
