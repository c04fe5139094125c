import { readEvent } from '#schema/events.ts'
import type { SubscriptionResolvers } from '#schema/generated/telephony.types.ts'
import { fromLog } from '#service/subscriptions.ts'
import type { Context } from '../context.ts'
import { bansOf } from '../store/accounts.ts'
import { trunksById } from '../store/assets.ts'
import { tickSubscriptions } from './active-calls.ts'
import { alertSubscriptions } from './alerts.ts'

export const Subscription: SubscriptionResolvers = {
  ...alertSubscriptions,
  ...tickSubscriptions,

  trunkChanged: {
    subscribe: (_, { customerId, after }, ctx) =>
      fromLog(ctx, {
        names: ['telephony.trunk.changed'],
        after,
        toValue: async (event) => {
          const { trunkId, ban } = readEvent('telephony.trunk.changed', event.version, event.payload)
          // Asked anew for each event: an account may have come to the customer since the subscription began.
          const mine = customerId
            ? await ctx.db.read(ctx.orgId, (tx) => bansOf(tx, ctx.orgId, customerId))
            : [ban]
          return mine.includes(ban) ? trunkById(ctx, trunkId) : null
        },
      }),
  },
}

// Not by the request's loader: it would remember the trunk of the first event for the life of the subscription.
const trunkById = async (ctx: Context, id: string) => {
  const [trunk] = await ctx.db.read(ctx.orgId, (tx) => trunksById(tx, ctx.orgId, [id]))
  return trunk ?? null
}
