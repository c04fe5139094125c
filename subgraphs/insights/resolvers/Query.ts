import { BadInput } from '#kernel/errors.ts'
import { connection, keyset, type PageArgs, type Position } from '#service/connection.ts'
import type { Context } from '../context.ts'
import { countHealth, worstFirst } from '../store/health.ts'
import { enrichmentQueries } from './enrichment.ts'
import { shown } from './Health.ts'
import { recomputeQueries } from './recompute.ts'
import { settingsQueries } from './settings.ts'

export const Query = {
  ...settingsQueries,
  ...recomputeQueries,
  ...enrichmentQueries,

  portfolio: async (_: unknown, args: PageArgs, ctx: Context) => {
    const page = keyset(args, 2)
    const after = placeOf(page.after)
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

/** @throws BAD_INPUT when the cursor is of another list */
const placeOf = (after: Position | null) => {
  if (after === null) return null
  const [rank, customerId] = after
  if (Number.isInteger(rank) && Math.abs(rank as number) < 2 ** 31 && typeof customerId === 'string')
    return { rank: rank as number, customerId }
  throw BadInput.with({ field: 'after', reason: 'is not a cursor of this list' })
}
