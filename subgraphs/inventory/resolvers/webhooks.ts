import { deliveryFields, deliveryPage, replayed } from '#control/answers/webhooks.ts'
import type {
  C3WebhookDeliveryResolvers,
  C3WebhookEventResolvers,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/inventory.types.ts'
import { replayDelivery } from '../commands/replay-delivery.ts'
import { type C3WebhookDeliveryRow, deliveryTablesHere } from '../store/deliveries.ts'

export const webhookQueries = {
  c3WebhookDeliveries: (_, args, ctx) => deliveryPage<C3WebhookDeliveryRow>(ctx, deliveryTablesHere, args),
} satisfies QueryResolvers

export const webhookMutations = {
  replayC3Delivery: async (_, { id }, ctx) => replayed(await replayDelivery(ctx, id), 'C3DeliveryReplayed'),
} satisfies MutationResolvers

export const C3WebhookDelivery: C3WebhookDeliveryResolvers = {
  ...deliveryFields,
  accountId: (delivery) => delivery.account_id,
  deliveryId: (delivery) => delivery.delivery_id,
}

export const C3WebhookEvent: C3WebhookEventResolvers = {
  type: (event) => event.entity,
  externalId: (event) => event.id,
  occurredAt: (event) => new Date(event.occurredAt),
}
