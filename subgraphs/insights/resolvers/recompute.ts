import type {
  InsightsRecompute,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/insights.types.ts'
import { recomputeInsights } from '../commands/recompute-insights.ts'
import { type InsightsRecomputeRow, lastRecompute } from '../store/recomputes.ts'

/** How far all customers are judged anew, as the graph shows it. */
export const shownRecompute = (row: InsightsRecomputeRow): InsightsRecompute => ({
  ...row,
  isComplete: row.done >= row.total,
})

export const recomputeQueries: Pick<QueryResolvers, 'insightsRecompute'> = {
  insightsRecompute: async (_, _args, ctx) => {
    const row = await ctx.db.read(ctx.orgId, (tx) => lastRecompute(tx, ctx.orgId))
    return row && shownRecompute(row)
  },
}

export const recomputeMutations: Pick<MutationResolvers, 'recomputeInsights'> = {
  recomputeInsights: async (_, _args, ctx) => {
    const { recompute, receipt } = await recomputeInsights(ctx)
    return { recompute: shownRecompute(recompute), receipt }
  },
}
