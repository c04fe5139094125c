import { readEvent, runFromEvent } from '#schema/events.ts'
import type { SubscriptionResolvers } from '#schema/generated/hub.types.ts'
import { fromLog } from '#service/subscriptions.ts'

export const Subscription: SubscriptionResolvers = {
  syncEvents: {
    subscribe: (_, { integrationId, after }, ctx) =>
      fromLog(ctx, {
        names: ['hub.sync.progressed'],
        after,
        toValue: ({ version, payload }) => {
          const run = runFromEvent(readEvent('hub.sync.progressed', version, payload))
          return integrationId && run.integrationId !== integrationId ? null : run
        },
      }),
  },
}
