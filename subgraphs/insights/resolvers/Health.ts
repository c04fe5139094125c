import type { Context } from '../context.ts'
import { PREDICTION_METHOD, predictionAt, slopeAt, stepsOf, trendOf } from '../domain/course.ts'
import { improvementsOf } from '../domain/improvements.ts'
import type { DimensionName } from '../domain/metrics.ts'
import { settingsOf } from '../domain/settings.ts'
import type { HealthRow } from '../store/health.ts'

/**
 * A score as the graph shows it; a customer never scored has no score and no confidence, which is not a score of 0.
 * @param at when it is looked at: what is shown of the future begins there. Asked only then: what time it is makes no other
 *   difference, and an answer that hangs on it is kept for a moment only
 */
export const shown = (customerId: string, row: HealthRow | null, recomputing: boolean, at: () => Date) => {
  let moment: Date | undefined
  const look = {
    customerId,
    get at(): Date {
      moment ??= at()
      return moment
    },
  }
  return {
    score: row?.score ?? null,
    confidence: row?.confidence ?? '0',
    coverage: row?.coverage ?? '0',
    dimensions: (row?.dimensions ?? []).map((side) => ({ ...side, look })),
    contributions: row?.contributions ?? [],
    recomputing,
    asOf: row?.asOf ?? null,
    trend: row?.trend ?? null,
    slope: row?.slope ?? null,
    customer: { id: customerId },
    look,
  }
}

type Shown = ReturnType<typeof shown>
type ShownSide = Shown['dimensions'][number]

export const Health = {
  prediction: async ({ look }: Shown, _: unknown, ctx: Context) => prediction(look, ctx),
  improvements: async ({ contributions }: Shown, _: unknown, ctx: Context) =>
    improvementsOf(contributions, await healthSettings(ctx)),
}

export const HealthDimension = {
  confidence: ({ confidence }: ShownSide) => confidence ?? null,
  trend: async ({ look, name }: ShownSide, _: unknown, ctx: Context) => {
    const { steadyWithin } = await healthSettings(ctx)
    return trendOf(slopeAt(await steps(look, ctx, name), look.at), steadyWithin)
  },
  slope: async ({ look, name }: ShownSide, _: unknown, ctx: Context) =>
    slopeAt(await steps(look, ctx, name), look.at),
  prediction: async ({ look, name }: ShownSide, _: unknown, ctx: Context) => prediction(look, ctx, name),
}

const healthSettings = async (ctx: Context) =>
  settingsOf((await ctx.settings.load(ctx.orgId))?.document ?? {}).health

const steps = async (look: Shown['look'], ctx: Context, side?: DimensionName) =>
  stepsOf((await ctx.courses.load(look))?.standings ?? [], side)

const prediction = async (look: Shown['look'], ctx: Context, side?: DimensionName) => {
  const found = predictionAt(await steps(look, ctx, side), look.at)
  return found && { ...found, method: PREDICTION_METHOD }
}
