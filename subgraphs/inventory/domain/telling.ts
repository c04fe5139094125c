import { type EngineRun, type EventPayload, event, type SyncRun, shownRun, toldRun } from '#schema/events.ts'
import { type OrderKey, orderId } from './orders.ts'
import type { RfqStatus } from './rfq.ts'

/** The mark that stands for a telephone number of an organisation; undefined when it is none. */
export type MarkNumber = (orgId: string, number: string) => string | undefined

/** A C3 customer as it is told of. */
export interface ToldAccount {
  id: string
  connectionId: string
  name: string
  domain: string | null
  phone: string | null
  city: string | null
  country: string | null
}

/** What others are told of a C3 customer. @param mark of its telephone number */
export const accountChanged = (
  account: ToldAccount,
  mark: string | undefined,
  observedAt: Date,
  deleted: boolean,
) =>
  event('inventory.account.changed', account.id, {
    accountId: account.id,
    integrationId: account.connectionId,
    name: account.name,
    domain: account.domain,
    phoneMarks: mark ? [mark] : [],
    place: account.city,
    country: account.country,
    observedAt: observedAt.toISOString(),
    deleted,
  })

/** What others are told of a request for prices. */
export interface ToldRfq {
  id: string
  accountId: string
  number: string
  c3RfqId: string
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
    number: rfq.number,
    c3RfqId: rfq.c3RfqId,
    status: rfq.status,
    previousStatus,
    total: rfq.total === null ? null : { amount: rfq.total, currency: rfq.currency },
    createdAt: rfq.createdAt.toISOString(),
    observedAt: observedAt.toISOString(),
    deleted,
  })

type Order = EventPayload<'inventory.order.changed'>

/** What others are told of an order. */
export interface ToldOrder extends OrderKey {
  orderedAt: Date
  observedAt: Date
  total: string
  lines: Order['lines']
}

export const orderChanged = ({ total, ...order }: ToldOrder) =>
  toldOrder(order, { total: { amount: total, currency: order.currency }, lines: order.lines, deleted: false })

/** That no line of an order is left. */
export const orderGone = (order: ToldOrder, at: Date) =>
  toldOrder({ ...order, observedAt: at }, { total: null, lines: [], deleted: true })

const toldOrder = (
  { orderedAt, observedAt, ...key }: Omit<ToldOrder, 'total' | 'lines'>,
  what: Pick<Order, 'total' | 'lines' | 'deleted'>,
) =>
  event('inventory.order.changed', key.accountId, {
    ...{ orderId: orderId(key), accountId: key.accountId, kind: key.kind, day: key.day },
    ...{ orderedAt: orderedAt.toISOString(), observedAt: observedAt.toISOString(), ...what },
  })

/** What others are told of a recommendation. */
interface ToldRecommendation {
  id: string
  kind: EventPayload<'inventory.recommendation.changed'>['kind']
  state: EventPayload<'inventory.recommendation.changed'>['state']
  rfqId: string | null
  componentId: string | null
  partNumber: string | null
  alternativePartNumber: string | null
  c3SupplierId: string | null
  severity: 'LOW' | 'MEDIUM' | 'HIGH' | null
  amount: string | null
  currency: string | null
  confidence: number
  method: string
  methodVersion: number
  givenBy: string | null
  reasoning: string
  outcomeResult: NonNullable<EventPayload<'inventory.recommendation.changed'>['outcome']>['result'] | null
  outcomePrice: string | null
  outcomeCurrency: string | null
  outcomeQuantity: number | null
}

const moneyOf = (amount: string | null, currency: string | null) =>
  amount === null || currency === null ? null : { amount, currency }

/** @param accountId whose request it is for */
export const recommendationChanged = (row: ToldRecommendation, accountId: string | null, observedAt: Date) =>
  event('inventory.recommendation.changed', row.id, {
    recommendationId: row.id,
    kind: row.kind,
    state: row.state,
    accountId,
    rfqId: row.rfqId,
    componentId: row.componentId,
    partNumber: row.partNumber,
    alternativePartNumber: row.alternativePartNumber,
    c3SupplierId: row.c3SupplierId,
    severity: row.severity,
    amount: moneyOf(row.amount, row.currency),
    confidence: row.confidence,
    method: row.method,
    methodVersion: row.methodVersion,
    reasoning: row.givenBy === null ? row.reasoning : null,
    outcome: row.outcomeResult && {
      result: row.outcomeResult,
      price: moneyOf(row.outcomePrice, row.outcomeCurrency),
      quantity: row.outcomeQuantity,
    },
    observedAt: observedAt.toISOString(),
  })

/** What others are told of stock that somebody should look at. */
export const stockAlerted = (alert: EventPayload<'inventory.stock.alerted'>) =>
  event('inventory.stock.alerted', alert.componentId, alert)

/** What others are told of a connection. */
export interface ToldIntegration {
  id: string
  name: string
  status: 'ACTIVE' | 'NEEDS_REAUTH' | 'PAUSED'
  lastSyncAt: Date | null
  disconnectedAt: Date | null
}

export const integrationChanged = (integration: ToldIntegration) =>
  event('inventory.integration.changed', integration.id, {
    integrationId: integration.id,
    name: integration.name,
    system: 'C3',
    status: integration.status,
    lastSyncAt: integration.lastSyncAt?.toISOString() ?? null,
    ...(integration.disconnectedAt ? { removed: true } : {}),
  })

/** A run as the graph shows it. */
export const c3Run = (run: EngineRun): SyncRunRow => shownRun(run, 'C3')
export type SyncRunRow = SyncRun

/** Tells others how far a run is. */
export const runProgressed = (run: EngineRun) =>
  event('inventory.sync.progressed', run.id, toldRun(run, 'C3'))

/** Tells others of a trouble that somebody has to look at. */
export const alertRaised = (alert: EventPayload<'inventory.alert.raised'>) =>
  event('inventory.alert.raised', alert.integrationId, alert)
