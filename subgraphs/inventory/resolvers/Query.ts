import { connection, keyset, type PageArgs } from '#service/connection.ts'
import type { Context } from '../context.ts'
import { countStock, stockPage } from '../store/stock.ts'
import { type RfqArgs, rfqPage } from './rfq-page.ts'

export const Query = {
  rfq: (_: unknown, { id }: { id: string }, ctx: Context) => ctx.rfqs.load(id),

  rfqs: (_: unknown, args: RfqArgs, ctx: Context) => rfqPage(ctx, null, args),

  stock: async (_: unknown, args: PageArgs & { partNumber?: string | null }, ctx: Context) => {
    const page = keyset(args, 2)
    const partNumber = args.partNumber ?? null
    const after = page.after as readonly [string, string] | null
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      stockPage(tx, ctx.orgId, { partNumber, limit: page.limit, after }),
    )
    const total = () => ctx.db.read(ctx.orgId, (tx) => countStock(tx, ctx.orgId, partNumber))
    return { ...connection(rows, page, (row) => [row.partNumber, row.id]), totalCount: total }
  },
}
