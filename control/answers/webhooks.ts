import { type Connection, connection, keyset, type PageArgs } from '#service/connection.ts'
import { invalid, missing } from '#service/refusal.ts'
import type { WebhookDayRow, WebhookSummaryRow } from '#sync/deliveries/kept.ts'
import { type DeliveryFilter, type ListedDelivery, listedDeliveries } from '#sync/deliveries/listed.ts'
import type { DeliveryTables } from '#sync/deliveries/tables.ts'
import type { Replayed } from '../replay-delivery.ts'
import type { WebhookRecordRow } from '../rows.ts'
import type { Asking } from '../vendor.ts'
import { own } from './asked.ts'

/** How a connection's webhooks are doing, by its row. */
export const WebhookSummary = {
  lastReceivedAt: (summary: WebhookSummaryRow) => summary.last_received_at,
}

export const WebhookDay = {
  averageLatencyMs: ({ applied, latency_ms: all }: WebhookDayRow) =>
    applied > 0 ? Number(all) / applied : null,
}

/** The fields of a delivery that are not its row's own, whoever delivers. */
export const deliveryFields = {
  integration: ({ integration_id: id }: ListedDelivery) => ({ id }),
  receivedAt: (delivery: ListedDelivery) => delivery.received_at,
  oldestEventAt: (delivery: ListedDelivery) => delivery.oldest_event_at,
  eventCount: (delivery: ListedDelivery) => delivery.event_count,
  ignoredCount: (delivery: ListedDelivery) => delivery.ignored_count,
  duplicateCount: (delivery: ListedDelivery) => delivery.duplicate_count,
  appliedAt: (delivery: ListedDelivery) => delivery.applied_at,
  latencyMs: ({ applied_at: applied, received_at: received }: ListedDelivery) =>
    applied && Math.max(0, applied.getTime() - received.getTime()),
  replayedAt: (delivery: ListedDelivery) => delivery.replayed_at,
}

export const WebhookRecord = {
  type: ([type]: WebhookRecordRow) => type,
  externalId: ([, externalId]: WebhookRecordRow) => externalId,
}

/** What a vendor delivered, newest first. */
export const deliveryPage = async <Row extends ListedDelivery>(
  ctx: Asking,
  tables: DeliveryTables,
  { filter, ...args }: PageArgs & { filter?: DeliveryFilter | null },
): Promise<Connection<Row>> => {
  const page = keyset(args, 2)
  const after = page.after && ([String(page.after[0]), String(page.after[1])] as const)
  const choice = { ...filter, integrationId: own(filter?.integrationId) }
  const rows = await ctx.db.read(ctx.orgId, (tx) =>
    listedDeliveries<Row>(tables).listDeliveries(tx, ctx.orgId, choice, { limit: page.limit, after }),
  )
  return connection(rows, page, (row) => [row.received_at.toISOString(), row.id])
}

/** What having a delivery's records read again answers. */
export const replayed = <Row, Name extends string>(done: Replayed<Row>, name: Name) => {
  if (done === null) return missing('The delivery')
  if (done === 'ended')
    return invalid('id', 'The connection was ended. Connect it again, and all is read anew.')
  if (done === 'foreign') return invalid('id', 'This delivery told of another account’s records.')
  if (done === 'empty') return invalid('id', 'This delivery told of nothing that the hub keeps.')
  return { __typename: name, ...done }
}
