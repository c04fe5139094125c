import type { PriceBreakResolvers, StockItemResolvers } from '#schema/generated/inventory.types.ts'
import { standingOf } from './standing.ts'

export const StockItem: StockItemResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.stock.load(id),

  component: async ({ componentId }, _, ctx) => {
    const component = await ctx.components.load(componentId)
    if (!component) throw new Error('a stock row has no component')
    return component
  },
  priceBreaks: ({ priceBreaks, currency }) => priceBreaks.map((each) => ({ ...each, currency })),
  syncStatus: async (row, _, ctx) => (await standingOf(ctx, row)).state,
  c3LastSync: async (row, _, ctx) => (await standingOf(ctx, row)).syncedAt,
  costPerUnit: ({ costPerUnit, currency }) => ({ amount: costPerUnit, currency }),
}

export const PriceBreak: PriceBreakResolvers = {
  unitPrice: ({ unitPrice, currency }) => ({ amount: unitPrice, currency }),
}
