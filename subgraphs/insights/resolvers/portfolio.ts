import { pageSize } from '#kernel/cursor.ts'
import { BadInput } from '#kernel/errors.ts'
import type { QueryResolvers } from '#schema/generated/insights.types.ts'
import { connection, isText, isWhole, keyset, type PageArgs, placeOf } from '#service/connection.ts'
import { today } from '#service/noticing.ts'
import type { Context } from '../context.ts'
import { isFlaw } from '../domain/flaw.ts'
import { DAY } from '../domain/measuring.ts'
import { type AskedFilter, isMonth, monthsBetween, rankFilter } from '../domain/portfolio.ts'
import { countHealth, healthDistribution, healthMonths, movers, worstFirst } from '../store/portfolio.ts'
import { shown } from './Health.ts'

const MOST_DAYS = 90
const MOST_MONTHS = 13

export const portfolioQueries = {
  portfolio: async (_: unknown, args: PageArgs & { filter?: AskedFilter | null }, ctx: Context) => {
    const page = keyset(args, 2)
    const place = placeOf(page.after, isWhole, isText)
    const after = place && { rank: place[0], customerId: place[1] }
    const filter = rankFilter(args.filter ?? {})
    if (isFlaw(filter)) throw BadInput.with({ field: filter.field, reason: filter.problem })
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      worstFirst(tx, ctx.orgId, filter, { limit: page.limit, after }),
    )
    const at = () => ctx.clock.now()
    const listed = connection(rows, page, (row) => [row.rank, row.customerId])
    const health = (row: (typeof rows)[number]) => shown(row.customerId, row, false, at)
    return {
      ...listed,
      nodes: listed.nodes.map(health),
      edges: listed.edges.map(({ node, cursor }) => ({ cursor, node: health(node) })),
      totalCount: () => ctx.db.read(ctx.orgId, (tx) => countHealth(tx, ctx.orgId, filter)),
    }
  },
}

export const portfolioFigures: Pick<QueryResolvers, 'healthDistribution' | 'healthMovers' | 'healthMonths'> =
  {
    healthDistribution: (_, _args, ctx) => ctx.db.read(ctx.orgId, (tx) => healthDistribution(tx, ctx.orgId)),

    healthMovers: async (_, { days, first }, ctx) => {
      if (!(days >= 1 && days <= MOST_DAYS))
        throw BadInput.with({ field: 'days', reason: `must be from 1 to ${MOST_DAYS}` })
      const since = new Date(today(ctx.clock).getTime() - days * DAY)
      const limit = pageSize(first)
      const rows = await ctx.db.read(ctx.orgId, (tx) => movers(tx, ctx.orgId, { since, limit }))
      return rows.map(({ customerId, ...row }) => ({ ...row, customer: { id: customerId } }))
    },

    healthMonths: (_, { from, to }, ctx) => {
      for (const [field, month] of Object.entries({ from, to }))
        if (!isMonth(month)) throw BadInput.with({ field, reason: 'must be a month like 2026-11' })
      const months = monthsBetween(from, to)
      if (months < 0 || months > MOST_MONTHS)
        throw BadInput.with({
          field: 'to',
          reason: `must be from as late as from to ${MOST_MONTHS} months later`,
        })
      return ctx.db.read(ctx.orgId, (tx) => healthMonths(tx, ctx.orgId, { from, to }))
    },
  }
