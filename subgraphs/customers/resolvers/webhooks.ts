import { deliveryFields, deliveryPage, replayed } from '#control/answers/webhooks.ts'
import type {
  MutationResolvers,
  QueryResolvers,
  WebhookDeliveryResolvers,
  WebhookEventResolvers,
} from '#schema/generated/customers.types.ts'
import { replayDelivery } from '../commands/replay-delivery.ts'
import { deliveryTablesHere, type WebhookDeliveryRow } from '../store/deliveries.ts'

export const webhookQueries: Pick<QueryResolvers, 'webhookDeliveries'> = {
  webhookDeliveries: (_, args, ctx) => deliveryPage<WebhookDeliveryRow>(ctx, deliveryTablesHere, args),
}

export const webhookMutations: Pick<MutationResolvers, 'replayDelivery'> = {
  replayDelivery: async (_, { id }, ctx) => replayed(await replayDelivery(ctx, id), 'DeliveryReplayed'),
}

export const WebhookDelivery: WebhookDeliveryResolvers = {
  ...deliveryFields,
  portalId: (delivery) => delivery.portal_id,
  receiver: (delivery) => delivery.receiver || null,
}

export const WebhookEvent: WebhookEventResolvers = {
  type: (event) => event.subscriptionType,
  objectId: (event) => event.objectId ?? null,
  propertyName: (event) => event.propertyName ?? null,
  changeSource: (event) => event.changeSource ?? null,
  occurredAt: ({ occurredAt }) => (occurredAt === undefined ? null : new Date(occurredAt)),
}
