import { publish } from '#events/outbox.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { startRun } from '#sync/queue.ts'
import type { RunMode, RunProgress } from '#sync/run.ts'
import type { Context } from '../context.ts'
import { chosen } from '../domain/choosing.ts'
import { allows, EVERY_TYPE, isPaused } from '../domain/settings.ts'
import { runProgressed } from '../domain/telling.ts'
import { type IntegrationRow, integrationsOf } from '../store/integrations.ts'
import { pausesOf } from '../store/pauses.ts'
import type { Transaction } from '../store/transaction.ts'

/** Why a connection cannot be read now. */
export type Standstill = 'ambiguous' | 'signed out' | 'outward' | 'paused'

/** Why a connection cannot be read now; undefined when it can. */
export const standstillOf = async (
  tx: Transaction,
  integration: IntegrationRow,
): Promise<Exclude<Standstill, 'ambiguous'> | undefined> => {
  const { id, org_id: orgId, status, direction } = integration
  const pauses = (await pausesOf(tx, orgId, [id])).get(id) ?? []
  if (status === 'NEEDS_REAUTH') return 'signed out'
  if (!allows(direction, 'IN')) return 'outward'
  return isPaused(pauses, 'IN', EVERY_TYPE) ? 'paused' : undefined
}

/** Asks for a sync with HubSpot. While one is under way for the connection, answers that one. Null when there is no such connection. */
export const startSync = (
  ctx: Context,
  ask: { integrationId: string | null; mode: RunMode },
): Promise<{ run: RunProgress; receipt: Receipt } | Standstill | null> =>
  ctx.write(async (tx) => {
    const { orgId, principal, clock } = ctx
    const integration = chosen(await integrationsOf(tx, orgId), ask.integrationId)
    if (integration === 'ambiguous') return 'ambiguous'
    if (!integration || integration.disconnected_at) return null
    const standstill = await standstillOf(tx, integration)
    if (standstill) return standstill
    const { run, isNew } = await startRun(tx, { orgId, connectionId: integration.id, mode: ask.mode, clock })
    const at = clock.now()
    if (isNew) {
      const subject = { type: 'SyncRun', id: run.id }
      await audit(tx, {
        orgId,
        principal,
        action: 'startHubSpotSync',
        subject,
        after: { mode: run.mode },
        at,
      })
      await publish(tx, orgId, [runProgressed(run)], at)
    }
    return { run, receipt: await receiptOf(tx) }
  })
