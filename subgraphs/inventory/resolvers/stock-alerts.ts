import { readEvent } from '#schema/events.ts'
import type {
  ComponentResolvers,
  MutationResolvers,
  StockAlertResolvers,
  SubscriptionResolvers,
} from '#schema/generated/inventory.types.ts'
import { missing } from '#service/refusal.ts'
import { fromLog } from '#service/subscriptions.ts'
import { setReorderPoint } from '../commands/set-reorder-point.ts'
import type { StockAlertRow } from '../domain/stock-alerts.ts'
import { componentsById } from '../store/components.ts'
import { stockById } from '../store/stock.ts'

export const StockAlert: StockAlertResolvers = {
  // Not by the request's loaders: they would remember what was so at the first event for the life of the subscription.
  component: async ({ componentId }, _, ctx) =>
    (await ctx.db.read(ctx.orgId, (tx) => componentsById(tx, ctx.orgId, [componentId])))[0] ?? null,
  stockItem: async ({ stockId }, _, ctx) =>
    stockId === null
      ? null
      : ((await ctx.db.read(ctx.orgId, (tx) => stockById(tx, ctx.orgId, [stockId])))[0] ?? null),
}

export const componentLevel: Pick<ComponentResolvers, 'reorderPoint' | 'orderQuantity' | 'isLow'> = {
  reorderPoint: async ({ id }, _, ctx) => (await ctx.stockLevels.load(id))?.reorderPoint ?? null,
  orderQuantity: async ({ id }, _, ctx) => (await ctx.stockLevels.load(id))?.orderQuantity ?? null,
  isLow: async ({ id }, _, ctx) => (await ctx.stockLevels.load(id))?.isLow ?? null,
}

export const levelMutations: Pick<MutationResolvers, 'setReorderPoint'> = {
  setReorderPoint: async (_, { componentId, reorderPoint, orderQuantity }, ctx) => {
    const answer = await setReorderPoint(ctx, {
      componentId,
      reorderPoint: reorderPoint ?? null,
      orderQuantity: orderQuantity ?? null,
    })
    if ('__typename' in answer) return answer
    const component = await ctx.components.load(answer.componentId)
    return component
      ? { __typename: 'ReorderPointSet', component, receipt: answer.receipt }
      : missing('The part')
  },
}

export const stockSubscriptions: Pick<SubscriptionResolvers, 'stockAlert'> = {
  stockAlert: {
    subscribe: (_, { componentId, kinds, after }, ctx) =>
      fromLog(ctx, {
        names: ['inventory.stock.alerted'],
        after,
        toValue: (event): StockAlertRow | null => {
          const told = readEvent('inventory.stock.alerted', event.version, event.payload)
          if (componentId && componentId !== told.componentId) return null
          if (kinds && !kinds.includes(told.kind)) return null
          const { alertId: id, raisedAt, ...alert } = told
          return { ...alert, id, raisedAt: new Date(raisedAt) }
        },
      }),
  },
}
