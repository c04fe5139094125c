import { publish } from '#events/outbox.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { startRun } from '#sync/queue.ts'
import type { RunMode, RunProgress } from '#sync/run.ts'
import type { Context } from '../context.ts'
import { chosen } from '../domain/choosing.ts'
import { allows, EVERY_TYPE, isPaused } from '../domain/settings.ts'
import { runProgressed } from '../domain/telling.ts'
import { integrationsOf } from '../store/integrations.ts'
import { pausesOf } from '../store/pauses.ts'

/** Why a connection cannot be read now. */
export type Standstill = 'ambiguous' | 'signed out' | 'outward' | 'paused'

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
    const pauses = (await pausesOf(tx, orgId, [integration.id])).get(integration.id) ?? []
    if (integration.status === 'NEEDS_REAUTH') return 'signed out'
    if (!allows(integration.direction, 'IN')) return 'outward'
    if (isPaused(pauses, 'IN', EVERY_TYPE)) return 'paused'
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
