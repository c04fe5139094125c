import { type NewEvent, publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { stopRuns, wakeConnection } from './parking.ts'
import { progressOf } from './progress.ts'
import { startRun } from './queue.ts'
import type { RunProgress } from './run.ts'

/** A connection, and our clock. */
export interface ReadPlace {
  orgId: string
  integrationId: string
  clock: Clock
}

/** The run that is to follow the one under way. */
export type WantedRun = 'INCREMENTAL' | 'RECONCILE' | null

/** How the reading of a subgraph's connections is stopped and taken up again when somebody changes how they are kept in step. */
export const readingOn = (options: {
  /** How a run is told to others. */
  progressed(run: RunProgress): NewEvent[]
  /** Notes which run is to follow the one under way. */
  wantRun(tx: object, orgId: string, integrationId: string, mode: WantedRun): Promise<void>
}) => {
  const { progressed, wantRun } = options
  return {
    /** Stops whatever reads a connection: at once when it waits, else at its next checkpoint. What it brought stays. */
    stopReading: async (tx: object, { orgId, integrationId, clock }: ReadPlace): Promise<void> => {
      const at = clock.now()
      for (const id of await stopRuns(tx, { orgId, connectionId: integrationId }, at)) {
        const run = await progressOf(tx, id, clock)
        if (run) await publish(tx, orgId, progressed(run), at)
      }
    },

    /**
     * Lets what waits go on, and has the connection read, once the run under way has ended if there is one.
     * @param ask.mode null: nothing has to be read
     */
    readOn: async (
      tx: object,
      { orgId, integrationId, clock, mode }: ReadPlace & { mode: WantedRun },
    ): Promise<void> => {
      if (mode) {
        const { run, isNew } = await startRun(tx, { orgId, connectionId: integrationId, mode, clock })
        if (isNew) await publish(tx, orgId, progressed(run), clock.now())
        else if (run.state === 'RUNNING') await wantRun(tx, orgId, integrationId, mode)
      }
      await wakeConnection(tx, { orgId, connectionId: integrationId })
    },
  }
}
