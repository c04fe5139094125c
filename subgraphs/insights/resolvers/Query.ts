import { connection, keyset, type PageArgs } from '#service/connection.ts'
import type { Context } from '../context.ts'
import { countHealth, worstFirst } from '../store/health.ts'
import { shown } from './Health.ts'

export const Query = {
  portfolio: async (_: unknown, args: PageArgs, ctx: Context) => {
    const page = keyset(args, 2)
    const after = page.after as [string, string] | null
    const rows = await ctx.db.read(ctx.orgId, (tx) => worstFirst(tx, ctx.orgId, { limit: page.limit, after }))
    const listed = connection(rows, page, (row) => [row.rank, row.customerId])
    const health = (row: (typeof rows)[number]) => shown(row.customerId, row, false)
    return {
      ...listed,
      nodes: listed.nodes.map(health),
      edges: listed.edges.map(({ node, cursor }) => ({ cursor, node: health(node) })),
      totalCount: () => ctx.db.read(ctx.orgId, (tx) => countHealth(tx, ctx.orgId)),
    }
  },
}
