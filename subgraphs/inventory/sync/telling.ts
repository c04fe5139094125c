import type { NewEvent } from '#events/outbox.ts'
import { event } from '#schema/events.ts'
import type { RunProgress } from '#sync/run.ts'
import type { IntegrationRow } from '../store/integrations.ts'

/** A run's progress, as an event and as the graph's `SyncRun`. */
export const shownRun = (run: RunProgress) => {
  const { orgId: _, connectionId, ...rest } = run
  return { ...rest, system: 'C3' as const, integrationId: connectionId }
}

export const syncProgressed = (run: RunProgress): NewEvent =>
  event('inventory.sync.progressed', run.id, {
    ...shownRun(run),
    eta: run.eta?.toISOString() ?? null,
    requestedAt: run.requestedAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
  })

export const integrationChanged = (integration: IntegrationRow): NewEvent =>
  event('inventory.integration.changed', integration.id, {
    integrationId: integration.id,
    name: integration.name,
    system: 'C3',
    status: integration.status,
    lastSyncAt: integration.lastSyncAt?.toISOString() ?? null,
  })
