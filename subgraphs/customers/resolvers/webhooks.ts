import { isId } from '#kernel/ids.ts'
import type {
  MutationResolvers,
  QueryResolvers,
  WebhookDayResolvers,
  WebhookDeliveryResolvers,
  WebhookEventResolvers,
  WebhookRecordResolvers,
  WebhookSummaryResolvers,
} from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { invalid, missing } from '#service/refusal.ts'
import { replayDelivery } from '../commands/replay-delivery.ts'
import { listDeliveries } from '../store/deliveries.ts'

export const webhookQueries: Pick<QueryResolvers, 'webhookDeliveries'> = {
  webhookDeliveries: async (_, { filter: asked, ...args }, ctx) => {
    const page = keyset(args, 2)
    const filter = asked ?? {}
    const after = page.after && ([String(page.after[0]), String(page.after[1])] as const)
    // A connection that cannot be ours has none.
    const rows =
      filter.integrationId && !isId(filter.integrationId)
        ? []
        : await ctx.db.read(ctx.orgId, (tx) =>
            listDeliveries(tx, ctx.orgId, filter, { limit: page.limit, after }),
          )
    return connection(rows, page, (row) => [row.received_at.toISOString(), row.id])
  },
}

export const webhookMutations: Pick<MutationResolvers, 'replayDelivery'> = {
  replayDelivery: async (_, { id }, ctx) => {
    const replayed = await replayDelivery(ctx, id)
    if (replayed === null) return missing('The delivery')
    if (replayed === 'ended')
      return invalid('id', 'The connection was ended. Connect it again, and all is read anew.')
    if (replayed === 'empty') return invalid('id', 'This delivery told of nothing that the hub keeps.')
    return { __typename: 'DeliveryReplayed', ...replayed }
  },
}

export const WebhookDelivery: WebhookDeliveryResolvers = {
  integration: ({ integration_id: id }) => ({ id }),
  portalId: (delivery) => delivery.portal_id,
  receiver: (delivery) => delivery.receiver || null,
  receivedAt: (delivery) => delivery.received_at,
  oldestEventAt: (delivery) => delivery.oldest_event_at,
  eventCount: (delivery) => delivery.event_count,
  duplicateCount: (delivery) => delivery.duplicate_count,
  ignoredCount: (delivery) => delivery.ignored_count,
  appliedAt: (delivery) => delivery.applied_at,
  latencyMs: ({ applied_at: applied, received_at: received }) =>
    applied && Math.max(0, applied.getTime() - received.getTime()),
  replayedAt: (delivery) => delivery.replayed_at,
}

export const WebhookEvent: WebhookEventResolvers = {
  type: (event) => event.subscriptionType,
  objectId: (event) => event.objectId ?? null,
  propertyName: (event) => event.propertyName ?? null,
  changeSource: (event) => event.changeSource ?? null,
  occurredAt: ({ occurredAt }) => (occurredAt === undefined ? null : new Date(occurredAt)),
}

export const WebhookRecord: WebhookRecordResolvers = {
  type: ([type]) => type,
  externalId: ([, externalId]) => externalId,
}

export const WebhookSummary: WebhookSummaryResolvers = {
  lastReceivedAt: (summary) => summary.last_received_at,
}

export const WebhookDay: WebhookDayResolvers = {
  averageLatencyMs: ({ applied, latency_ms: all }) => (applied > 0 ? Number(all) / applied : null),
}
