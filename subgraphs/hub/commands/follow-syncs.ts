import type { LoggedEvent } from '#events/log.ts'
import { publish } from '#events/outbox.ts'
import type { Clock } from '#kernel/clock.ts'
import { type EventPayload, event, readEvent, runFromEvent } from '#schema/events.ts'
import { lastOf } from '../domain/sync-run.ts'
import { removeIntegrations, upsertIntegrations } from '../store/integrations.ts'
import { upsertSyncRuns } from '../store/sync-runs.ts'
import type { Transaction } from '../store/transaction.ts'

/** What hub hears from the subgraphs that own connections. */
export const HEARD = {
  customers: [
    'customers.sync.progressed',
    'customers.integration.changed',
    'customers.conflict.opened',
    'customers.conflict.resolved',
    'customers.alert.raised',
  ],
  inventory: [
    'inventory.sync.progressed',
    'inventory.integration.changed',
    'inventory.conflict.opened',
    'inventory.conflict.resolved',
    'inventory.alert.raised',
  ],
} as const

type Progress = EventPayload<'customers.sync.progressed'>
type Conflict = EventPayload<'hub.conflict.changed'>
type Alert = EventPayload<'hub.alert.raised'>
type Integration = EventPayload<'customers.integration.changed'>

/**
 * Brings the read model to the last state a batch tells of, and tells subscribers: one statement per table, whatever
 * the batch's length. Runs in the consumer's transaction; a repeated batch changes nothing but tells again.
 */
export const followSyncs = async (
  tx: Transaction,
  orgId: string,
  events: readonly LoggedEvent[],
  clock: Clock,
): Promise<void> => {
  const progress: Progress[] = []
  const changed: Integration[] = []
  const contested: Conflict[] = []
  const alerts: Alert[] = []
  for (const { name, version, payload } of events) {
    if (name === 'customers.sync.progressed' || name === 'inventory.sync.progressed')
      progress.push(readEvent(name, version, payload))
    else if (name === 'customers.integration.changed' || name === 'inventory.integration.changed')
      changed.push(readEvent(name, version, payload))
    else if (name === 'customers.conflict.opened' || name === 'inventory.conflict.opened')
      contested.push({ ...readEvent(name, version, payload), outcome: null, resolvedAt: null })
    else if (name === 'customers.conflict.resolved' || name === 'inventory.conflict.resolved')
      contested.push(readEvent(name, version, payload))
    else if (name === 'customers.alert.raised')
      alerts.push({ ...readEvent(name, version, payload), system: 'HUBSPOT' })
    else if (name === 'inventory.alert.raised')
      alerts.push({ ...readEvent(name, version, payload), system: 'C3' })
  }
  const integrations = lastOf(changed, (one) => one.integrationId)
  const [ended, live] = [
    integrations.filter((one) => one.removed),
    integrations.filter((one) => !one.removed),
  ]
  if (live.length > 0) {
    const rows = live.map(({ integrationId, removed: _, ...one }) => ({ id: integrationId, ...one }))
    await upsertIntegrations(tx, orgId, rows)
  }
  await removeIntegrations(
    tx,
    orgId,
    ended.map((one) => one.integrationId),
  )
  const runs = lastOf(progress, (run) => run.id)
  if (runs.length > 0) await upsertSyncRuns(tx, orgId, runs.map(runFromEvent))
  const conflicts = lastOf(contested, (one) => one.conflictId)
  const told = [
    ...runs.map((run) => event('hub.sync.progressed', run.id, run)),
    ...conflicts.map((conflict) => event('hub.conflict.changed', conflict.conflictId, conflict)),
    ...alerts.map((alert) => event('hub.alert.raised', alert.integrationId, alert)),
  ]
  if (told.length > 0) await publish(tx, orgId, told, clock.now())
}
