import { type EventPayload, event } from '#schema/events.ts'
import type { RfqStatus } from './rfq.ts'

/** What others are told of a C3 customer. */
export const accountChanged = (
  account: { id: string; connectionId: string; name: string; domain: string | null },
  observedAt: Date,
  deleted: boolean,
) =>
  event('inventory.account.changed', account.id, {
    accountId: account.id,
    integrationId: account.connectionId,
    name: account.name,
    domain: account.domain,
    observedAt: observedAt.toISOString(),
    deleted,
  })

/** What others are told of a request for prices. */
export interface ToldRfq {
  id: string
  accountId: string
  status: RfqStatus
  total: string | null
  currency: string
  createdAt: Date
}

/** @param previousStatus null when the request is new to the hub */
export const rfqChanged = (
  rfq: ToldRfq,
  previousStatus: RfqStatus | null,
  observedAt: Date,
  deleted: boolean,
) =>
  event('inventory.rfq.changed', rfq.id, {
    rfqId: rfq.id,
    accountId: rfq.accountId,
    status: rfq.status,
    previousStatus,
    total: rfq.total === null ? null : { amount: rfq.total, currency: rfq.currency },
    createdAt: rfq.createdAt.toISOString(),
    observedAt: observedAt.toISOString(),
    deleted,
  })

/** What others are told of a connection. */
export interface ToldIntegration {
  id: string
  name: string
  status: 'ACTIVE' | 'NEEDS_REAUTH' | 'PAUSED'
  lastSyncAt: Date | null
}

export const integrationChanged = (integration: ToldIntegration) =>
  event('inventory.integration.changed', integration.id, {
    integrationId: integration.id,
    name: integration.name,
    system: 'C3',
    status: integration.status,
    lastSyncAt: integration.lastSyncAt?.toISOString() ?? null,
  })

type Payload = EventPayload<'inventory.sync.progressed'>
type Instants = 'eta' | 'requestedAt' | 'startedAt' | 'finishedAt'

/** A sync run as the engine tells of it. */
export interface ToldRun
  extends Omit<Payload, 'system' | 'integrationId' | 'priority' | 'attempts' | Instants> {
  connectionId: string
  priority: 'ASKED' | 'BACKGROUND'
  attempts: number
  eta: Date | null
  requestedAt: Date
  startedAt: Date | null
  finishedAt: Date | null
}

/** A run as the graph's `SyncRun`. */
export const shownRun = ({ connectionId, ...run }: ToldRun) => ({
  ...run,
  system: 'C3' as const,
  integrationId: connectionId,
})
export type SyncRunRow = ReturnType<typeof shownRun>

export const syncProgressed = (run: ToldRun) =>
  event('inventory.sync.progressed', run.id, {
    ...shownRun(run),
    eta: run.eta?.toISOString() ?? null,
    requestedAt: run.requestedAt.toISOString(),
    startedAt: run.startedAt?.toISOString() ?? null,
    finishedAt: run.finishedAt?.toISOString() ?? null,
  })
