import { isId } from '#kernel/ids.ts'
import type {
  MutationResolvers,
  PartnerDeliveryResolvers,
  PartnerWebhookResolvers,
  QueryResolvers,
} from '#schema/generated/hub.types.ts'
import { connection, isMoment, isWhole, keyset, placeOf } from '#service/connection.ts'
import { isPast } from '#service/noticing.ts'
import {
  changePartnerWebhook,
  pausePartnerWebhook,
  resumePartnerWebhook,
} from '../commands/change-partner-webhook.ts'
import { createPartnerWebhook } from '../commands/create-partner-webhook.ts'
import { deletePartnerWebhook } from '../commands/delete-partner-webhook.ts'
import { replayPartnerDeliveries } from '../commands/replay-partner-deliveries.ts'
import { rotatePartnerWebhookSecret } from '../commands/rotate-partner-webhook-secret.ts'
import { sendTestEvent } from '../commands/send-test-event.ts'
import { deliveryId } from '../store/deliveries.ts'
import { webhooks } from '../store/webhooks.ts'

export const PartnerWebhook: PartnerWebhookResolvers = {
  __resolveReference: async ({ id }, ctx) => (isId(id) ? ctx.partnerWebhooks.load(id) : null),
  formerSecretUntil: ({ formerSecretUntil }, _, { clock }) =>
    formerSecretUntil && !isPast(clock, formerSecretUntil) ? formerSecretUntil : null,
  waitingCount: async ({ id }, _, ctx) => (await ctx.waiting.load(id)) ?? 0,
  deliveries: async ({ id }, { filter, ...args }, ctx) => {
    const page = keyset(args, 2)
    const asked = {
      states: filter?.states ?? null,
      events: filter?.events ?? null,
      from: filter?.from?.toISOString() ?? null,
      to: filter?.to?.toISOString() ?? null,
      limit: page.limit,
      after: placeOf(page.after, isMoment, isWhole),
    }
    const rows = (await ctx.deliveries.load(id, asked)) ?? []
    return connection(rows, page, (row) => [row.at.toISOString(), row.place])
  },
}

export const PartnerDelivery: PartnerDeliveryResolvers = {
  id: deliveryId,
  tries: async (delivery, _, ctx) => (await ctx.tries.load(deliveryId(delivery))) ?? [],
}

export const webhookQueries: Pick<QueryResolvers, 'partnerWebhooks' | 'partnerWebhook'> = {
  partnerWebhooks: (_, _args, { db, orgId }) => db.read(orgId, (tx) => webhooks(tx, orgId)),
  partnerWebhook: async (_, { id }, ctx) =>
    isId(id) ? ((await ctx.partnerWebhooks.load(id)) ?? null) : null,
}

export const webhookMutations: Pick<
  MutationResolvers,
  | 'createPartnerWebhook'
  | 'changePartnerWebhook'
  | 'rotatePartnerWebhookSecret'
  | 'pausePartnerWebhook'
  | 'resumePartnerWebhook'
  | 'deletePartnerWebhook'
  | 'sendTestEvent'
  | 'replayPartnerDeliveries'
> = {
  createPartnerWebhook: (_, { input }, ctx) => createPartnerWebhook(ctx, input),
  changePartnerWebhook: (_, { id, input: { name, url, events }, expectedVersion }, ctx) =>
    changePartnerWebhook(
      ctx,
      id,
      { ...(name && { name }), ...(url && { url }), ...(events && { events }) },
      expectedVersion ?? null,
    ),
  rotatePartnerWebhookSecret: (_, { id, overlapHours }, ctx) =>
    rotatePartnerWebhookSecret(ctx, id, overlapHours),
  pausePartnerWebhook: (_, { id, reason }, ctx) => pausePartnerWebhook(ctx, id, reason ?? null),
  resumePartnerWebhook: (_, { id }, ctx) => resumePartnerWebhook(ctx, id),
  deletePartnerWebhook: (_, { id }, ctx) => deletePartnerWebhook(ctx, id),
  sendTestEvent: (_, { id }, ctx) => sendTestEvent(ctx, id),
  replayPartnerDeliveries: (_, { id, range }, ctx) => replayPartnerDeliveries(ctx, id, range),
}
