import { readEvent, runFromEvent } from '#schema/events.ts'
import type { SubscriptionResolvers } from '#schema/generated/hub.types.ts'
import { fromLog } from '#service/subscriptions.ts'
import { conflictFromEvent } from '../domain/conflict.ts'

export const Subscription: SubscriptionResolvers = {
  alertRaised: {
    subscribe: (_, { integrationId, after }, ctx) =>
      fromLog(ctx, {
        names: ['hub.alert.raised'],
        after,
        toValue: ({ version, payload }) => {
          const { alertId: id, type, raisedAt, ...told } = readEvent('hub.alert.raised', version, payload)
          if (integrationId && integrationId !== told.integrationId) return null
          return { ...told, id, objectType: type, raisedAt: new Date(raisedAt) }
        },
      }),
  },
  conflictEvents: {
    subscribe: (_, { integrationId, after }, ctx) =>
      fromLog(ctx, {
        names: ['hub.conflict.changed'],
        after,
        toValue: ({ version, payload }) => {
          const conflict = conflictFromEvent(readEvent('hub.conflict.changed', version, payload))
          return integrationId && conflict.integrationId !== integrationId ? null : conflict
        },
      }),
  },
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
