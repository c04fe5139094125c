import { type EngineRun, event, type SyncRun, shownRun, toldRun } from '#schema/events.ts'
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

/** A run as the graph shows it. */
export const c3Run = (run: EngineRun): SyncRunRow => shownRun(run, 'C3')
export type SyncRunRow = SyncRun

/** Tells others how far a run is. */
export const runProgressed = (run: EngineRun) =>
  event('inventory.sync.progressed', run.id, toldRun(run, 'C3'))
