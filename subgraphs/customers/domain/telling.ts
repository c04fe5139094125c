import { type EventPayload, event } from '#schema/events.ts'

/** Who a customer is: all its accounts after a change. */
export interface ToldIdentity {
  customerId: string
  identityVersion: number
  mergedInto: string | null
  accounts: { system: 'HUBSPOT' | 'C3' | 'WARP'; accountId: string; integrationId: string | null }[]
}

/** Tells others who a customer is now. */
export const identityChanged = (state: ToldIdentity) =>
  event('customers.identity.changed', state.customerId, state)

/** A connection as it is told. */
export interface ToldIntegration {
  id: string
  name: string
  status: 'ACTIVE' | 'NEEDS_REAUTH' | 'PAUSED'
  last_sync_at: Date | null
  disconnected_at: Date | null
}

/** Tells others what a connection is and whether it works, or that it was ended. */
export const integrationChanged = (row: ToldIntegration) =>
  event('customers.integration.changed', row.id, {
    integrationId: row.id,
    name: row.name,
    system: 'HUBSPOT',
    status: row.status,
    lastSyncAt: row.last_sync_at?.toISOString() ?? null,
    ...(row.disconnected_at ? { removed: true } : {}),
  })

/** Tells others, once, that a connection can do nothing until somebody connects it again. */
export const needsReauth = (row: Pick<ToldIntegration, 'id'>, reason: string, at: Date) =>
  event('customers.integration.needs_reauth', row.id, {
    integrationId: row.id,
    system: 'HUBSPOT',
    reason,
    at: at.toISOString(),
  })

/** A run as the sync engine shows it. */
export interface ToldRun {
  id: string
  connectionId: string
  mode: 'FULL' | 'INCREMENTAL' | 'RECONCILE'
  state: 'QUEUED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED'
  done: number
  total: number | null
  created: number
  updated: number
  skipped: number
  deleted: number
  failed: number
  conflicts: number
  apiCalls: number
  priority: 'ASKED' | 'BACKGROUND'
  attempts: number
  rate: number
  eta: Date | null
  requestedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
  error: string | null
  types: { type: string; done: number; total: number | null; complete: boolean }[]
}

/** Tells others how far a run is. */
export const runProgressed = (run: ToldRun) =>
  event('customers.sync.progressed', run.id, {
    id: run.id,
    system: 'HUBSPOT',
    integrationId: run.connectionId,
    mode: run.mode,
    state: run.state,
    done: run.done,
    total: run.total,
    created: run.created,
    updated: run.updated,
    skipped: run.skipped,
    deleted: run.deleted,
    failed: run.failed,
    conflicts: run.conflicts,
    apiCalls: run.apiCalls,
    priority: run.priority,
    attempts: run.attempts,
    rate: run.rate,
    eta: run.eta?.toISOString() ?? null,
    requestedAt: run.requestedAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
    error: run.error,
    types: run.types,
  })

/** A run as the graph shows it. */
export const shownRun = (run: ToldRun) => ({ ...run, system: 'HUBSPOT', integrationId: run.connectionId })
export type SyncRunRow = ReturnType<typeof shownRun>

/** Tells others of a trouble that somebody has to look at. */
export const alertRaised = (alert: EventPayload<'customers.alert.raised'>) =>
  event('customers.alert.raised', alert.integrationId, alert)

/** Tells others that a person's record is no longer held, of which company and customer it was. */
export const contactGone = (
  contact: { contactId: string; companyId: string | null; customerId: string | null },
  at: Date,
) =>
  event('customers.contact.changed', contact.contactId, {
    ...contact,
    lastActivityAt: null,
    observedAt: at.toISOString(),
    deleted: true,
  })

/** Tells others that a person was erased, so that they forget what they hold about these contacts. */
export const personErased = (erasureId: string, contactIds: readonly string[]) =>
  event('customers.person.erased', erasureId, { erasureId, contactIds: [...contactIds] })
