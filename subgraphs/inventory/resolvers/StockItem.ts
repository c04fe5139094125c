import type { StockItemResolvers } from '#schema/generated/inventory.types.ts'

export const StockItem: StockItemResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.stock.load(id),

  costPerUnit: ({ costPerUnit, currency }) => ({ amount: costPerUnit, currency }),
}
