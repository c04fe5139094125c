import type { QueryResolvers } from '#schema/generated/inventory.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { countStock, stockPage } from '../store/stock.ts'
import { rfqPage } from './rfq-page.ts'

export const Query: QueryResolvers = {
  rfq: (_, { id }, ctx) => ctx.rfqs.load(id),

  rfqs: (_, args, ctx) => rfqPage(ctx, null, args),

  stock: async (_, args, ctx) => {
    const page = keyset(args, 2)
    const partNumber = args.partNumber ?? null
    const after = page.after as readonly [string, string] | null
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      stockPage(tx, ctx.orgId, { partNumber, limit: page.limit, after }),
    )
    const count = () => ctx.db.read(ctx.orgId, (tx) => countStock(tx, ctx.orgId, partNumber))
    return { ...connection(rows, page, (row) => [row.partNumber, row.id]), count }
  },
}
