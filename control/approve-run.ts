import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { audit } from '#service/audit.ts'
import { type Receipt, receiptOf } from '#service/receipt.ts'
import { letGoOn } from '#sync/holding.ts'
import { progressOf } from '#sync/progress.ts'
import type { RunProgress } from '#sync/run.ts'
import type { Asking, Telling } from './vendor.ts'

/** Lets a run go on that holds. Null when there is none with this id; `moved` when it does not hold, or for something else by now. */
export const approveRun =
  (vendor: Telling) =>
  (
    ctx: Asking,
    { runId, holdId }: { runId: string; holdId: string },
  ): Promise<{ run: RunProgress; receipt: Receipt } | 'moved' | null> =>
    ctx.write(async (tx) => {
      const { orgId, principal, clock } = ctx
      const before = isId(runId) ? await progressOf(tx, runId, clock) : undefined
      if (!before) return null
      if (!(await letGoOn(tx, runId, holdId))) return 'moved'
      const run = (await progressOf(tx, runId, clock)) ?? before
      const at = clock.now()
      await audit(tx, {
        orgId,
        principal,
        action: vendor.actions.approveRun,
        subject: { type: 'SyncRun', id: runId },
        after: { reasons: before.hold?.reasons ?? [] },
        at,
      })
      await publish(tx, orgId, [vendor.progressed(run)], at)
      return { run, receipt: await receiptOf(tx) }
    })
