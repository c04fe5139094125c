import { event } from '#schema/events.ts'
import type { RunProgress } from '#sync/run.ts'

/** A run as the graph's `SyncRun`. */
export const shownRun = ({ orgId: _, connectionId, ...run }: RunProgress) => ({
  ...run,
  system: 'C3' as const,
  integrationId: connectionId,
})

/** A run's progress as others are told of it. */
export const syncProgressed = (run: RunProgress) =>
  event('inventory.sync.progressed', run.id, {
    ...shownRun(run),
    eta: run.eta?.toISOString() ?? null,
    requestedAt: run.requestedAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
  })
