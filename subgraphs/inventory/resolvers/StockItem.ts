import type { Context } from '../context.ts'
import type { StockItemRow } from '../store/stock.ts'

export const StockItem = {
  __resolveReference: ({ id }: { id: string }, ctx: Context) => ctx.stock.load(id),

  costPerUnit: ({ costPerUnit, currency }: StockItemRow) => ({ amount: costPerUnit, currency }),
}
