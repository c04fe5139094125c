import { readEvent } from '#schema/events.ts'
import type { SubscriptionResolvers } from '#schema/generated/inventory.types.ts'
import { fromLog } from '#service/subscriptions.ts'
import { accountIdsOf } from '../store/accounts.ts'
import { rfqsById } from '../store/rfqs.ts'
import { stockSubscriptions } from './stock-alerts.ts'

export const Subscription: SubscriptionResolvers = {
  ...stockSubscriptions,

  rfqChanged: {
    subscribe: (_, { customerId, after }, ctx) =>
      fromLog(ctx, {
        names: ['inventory.rfq.changed'],
        after,
        toValue: async (event) => {
          const { rfqId, accountId } = readEvent('inventory.rfq.changed', event.version, event.payload)
          // Asked anew for each event: an account may have come to the customer since the subscription began.
          const mine = customerId
            ? await ctx.db.read(ctx.orgId, (tx) => accountIdsOf(tx, ctx.orgId, customerId))
            : [accountId]
          if (!mine.includes(accountId)) return null
          const [rfq] = await ctx.db.read(ctx.orgId, (tx) => rfqsById(tx, ctx.orgId, [rfqId]))
          return rfq ?? null
        },
      }),
  },
}
