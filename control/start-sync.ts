import { publish } from '#events/outbox.ts'
import { audit } from '#service/audit.ts'
import { chosen } from '#service/choosing.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { startRun } from '#sync/queue.ts'
import type { RunMode, RunProgress } from '#sync/run.ts'
import type { Asking, Connection, Reached, Standstill, Telling } from './vendor.ts'

/** Asks for a sync. While one is under way for the connection, answers that one. Null when there is no such connection. */
export const startSync =
  <Row extends Connection>(vendor: Telling & Reached<Row>) =>
  (
    ctx: Asking,
    ask: { integrationId: string | null; mode: RunMode },
  ): Promise<{ run: RunProgress; receipt: Receipt } | Standstill | null> =>
    ctx.write(async (tx) => {
      const { orgId, principal, clock } = ctx
      const integration = chosen(await vendor.connections(tx, orgId), ask.integrationId)
      if (integration === 'ambiguous') return 'ambiguous'
      if (!integration || integration.disconnected_at) return null
      const standstill = await vendor.standstill(tx, integration)
      if (standstill) return standstill
      const { run, isNew } = await startRun(tx, {
        ...{ orgId, connectionId: integration.id, mode: ask.mode, clock },
      })
      const at = clock.now()
      if (isNew) {
        const subject = { type: 'SyncRun', id: run.id }
        const action = vendor.actions.startSync
        await audit(tx, { orgId, principal, action, subject, after: { mode: run.mode }, at })
        await publish(tx, orgId, [vendor.progressed(run)], at)
      }
      return { run, receipt: await receiptOf(tx) }
    })
