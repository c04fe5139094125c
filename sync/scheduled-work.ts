import { type NewEvent, publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { startRun } from './queue.ts'
import type { RunMode, RunProgress } from './run.ts'
import { type DueSlot, keepSchedules, type ScheduleOptions } from './schedules.ts'

const MODES: Readonly<Record<string, RunMode>> = {
  CHANGES: 'INCREMENTAL',
  FULL: 'FULL',
  RECONCILE: 'RECONCILE',
}

export interface ScheduledWork {
  clock: Clock
  /** How a run is told to others. */
  progressed(run: RunProgress): NewEvent[]
  /** Has what is kept no longer forgotten soon after the transaction. */
  forget(tx: object, place: { orgId: string; connectionId: string }): Promise<unknown>
}

/** Begins everything that is due by the clock, as `keepSchedules` says. */
export const doScheduled = (
  options: ScheduledWork & Omit<ScheduleOptions, 'begin'>,
  signal?: AbortSignal,
): Promise<DueSlot[]> => keepSchedules({ ...options, begin: beginScheduled(options) }, signal)

/** Begins what a schedule's slot is for, in the transaction that takes the slot: a run, or forgetting. */
const beginScheduled =
  (options: ScheduledWork) =>
  async (
    tx: object,
    { orgId, connectionId, name }: DueSlot,
  ): Promise<{ result: 'STARTED' | 'BUSY'; runId?: string }> => {
    const { clock, progressed, forget } = options
    const mode = MODES[name]
    if (!mode) {
      await forget(tx, { orgId, connectionId })
      return { result: 'STARTED' }
    }
    const { run, isNew } = await startRun(tx, { orgId, connectionId, mode, clock, priority: 'BACKGROUND' })
    if (isNew) await publish(tx, orgId, progressed(run), clock.now())
    return { result: isNew ? 'STARTED' : 'BUSY', runId: run.id }
  }
