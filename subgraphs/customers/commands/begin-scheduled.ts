import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Jobs } from '#service/jobs.ts'
import { startRun } from '#sync/queue.ts'
import type { DueSlot } from '#sync/schedules.ts'
import { runProgressed } from '../domain/telling.ts'
import { forgetHistory } from '../jobs/definitions.ts'

const MODES = { CHANGES: 'INCREMENTAL', RECONCILE: 'RECONCILE' } as const

/** Begins what a schedule's slot is for, in the transaction that takes the slot. */
export const beginScheduled =
  ({ clock, jobs }: { clock: Clock; jobs: Jobs }) =>
  async (
    tx: object,
    { orgId, connectionId, name }: DueSlot,
  ): Promise<{ result: 'STARTED' | 'BUSY'; runId?: string }> => {
    if (name !== 'CHANGES' && name !== 'RECONCILE') {
      await jobs.enqueue(tx, forgetHistory, { orgId, connectionId })
      return { result: 'STARTED' }
    }
    const { run, isNew } = await startRun(tx, { orgId, connectionId, mode: MODES[name], clock })
    if (isNew) await publish(tx, orgId, [runProgressed(run)], clock.now())
    return { result: isNew ? 'STARTED' : 'BUSY', runId: run.id }
  }
