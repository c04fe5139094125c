import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { stopRuns, wakeConnection } from '#sync/parking.ts'
import { progressOf } from '#sync/progress.ts'
import { startRun } from '#sync/queue.ts'
import { runProgressed } from '../domain/telling.ts'
import { wantRun } from '../store/integrations.ts'
import type { Transaction } from '../store/transaction.ts'

interface Place {
  orgId: string
  integrationId: string
  clock: Clock
}

/** Stops whatever reads a connection: at once when it waits, else at its next checkpoint. What it brought stays. */
export const stopReading = async (tx: Transaction, { orgId, integrationId, clock }: Place): Promise<void> => {
  const at = clock.now()
  for (const id of await stopRuns(tx, { orgId, connectionId: integrationId }, at)) {
    const run = await progressOf(tx, id, clock)
    if (run) await publish(tx, orgId, [runProgressed(run)], at)
  }
}

/**
 * Lets what waits go on, and has the connection read, once the run under way has ended if there is one.
 * @param ask.mode null: nothing has to be read
 */
export const readOn = async (
  tx: Transaction,
  { orgId, integrationId, clock, mode }: Place & { mode: 'INCREMENTAL' | 'RECONCILE' | null },
): Promise<void> => {
  if (mode) {
    const { run, isNew } = await startRun(tx, { orgId, connectionId: integrationId, mode, clock })
    if (isNew) await publish(tx, orgId, [runProgressed(run)], clock.now())
    else if (run.state === 'RUNNING') await wantRun(tx, orgId, integrationId, mode)
  }
  await wakeConnection(tx, { orgId, connectionId: integrationId })
}
