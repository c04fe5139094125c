import { readEvent } from '#schema/events.ts'
import { fromLog } from '#service/subscriptions.ts'
import type { Context } from '../context.ts'
import { healthThen } from '../store/health.ts'
import { shown } from './Health.ts'
import { insightRaised } from './insights.ts'

export const Subscription = {
  insightRaised,

  healthChanged: {
    subscribe: (
      _: unknown,
      { customerId, after }: { customerId?: string | null; after?: string | null },
      ctx: Context,
    ) =>
      fromLog(ctx, {
        names: ['insights.health.changed'],
        after,
        accept: (event) => !customerId || event.key === customerId,
        toValue: async (event) => {
          const change = readEvent('insights.health.changed', event.version, event.payload)
          // The score of that moment with what explained it, so that every step is seen as it was.
          const at = new Date(change.asOf)
          const row = await ctx.db.read(ctx.orgId, (tx) => healthThen(tx, ctx.orgId, change.customerId, at))
          const { score, confidence } = change
          return { ...shown(change.customerId, row, false, () => at), score, confidence, asOf: at }
        },
      }),
  },
}
