import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { progressOf } from '#sync/progress.ts'
import { cancelRun } from '#sync/queue.ts'
import type { RunProgress } from '#sync/run.ts'
import type { Asking, Telling } from './vendor.ts'

/** Tells a run to stop at its next checkpoint. Null when there is none with this id; `over` when it has ended already. */
export const cancelSync =
  (vendor: Telling) =>
  (ctx: Asking, runId: string): Promise<RunProgress | 'over' | null> =>
    ctx.write(async (tx) => {
      const { orgId, principal, clock } = ctx
      const before = isId(runId) ? await progressOf(tx, runId, clock) : undefined
      if (!before) return null
      if (!['QUEUED', 'RUNNING', 'HELD'].includes(before.state)) return 'over'
      const run = (await cancelRun(tx, runId, clock)) ?? before
      const at = clock.now()
      await audit(tx, {
        orgId,
        principal,
        action: vendor.actions.cancelSync,
        subject: { type: 'SyncRun', id: runId },
        at,
      })
      await publish(tx, orgId, [vendor.progressed(run)], at)
      return run
    })
