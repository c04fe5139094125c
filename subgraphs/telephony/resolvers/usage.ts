import { BadInput } from '#kernel/errors.ts'
import type { UsagePointResolvers } from '#schema/generated/telephony.types.ts'
import type { Context } from '../context.ts'
import { spendOnDay } from '../domain/spend.ts'
import { answerRatio, averageSeconds, isAnswerable, MOST_POINTS, type UsageGrain } from '../domain/usage.ts'
import type { UsageOwner } from '../store/usage-series.ts'

/** The usage of an owner, point after point. @throws BAD_INPUT when it would be too many points, or none */
export const usageOf = async (
  ctx: Context,
  owner: UsageOwner,
  { from, to, grain }: { from: Date; to: Date; grain: UsageGrain },
) => {
  if (!isAnswerable(from, to, grain))
    throw BadInput.with({
      field: 'to',
      reason: `must be later than from, and at most ${MOST_POINTS} points of a ${grain} later`,
    })
  const span = { from: from.toISOString(), to: to.toISOString(), grain }
  const points = (await ctx.usage.load(JSON.stringify(owner), span)) ?? []
  if (grain !== 'DAY' || owner.trunkId !== null) return points
  // Worked out when somebody asks for it, and then for all points at once.
  const months = async () =>
    (await ctx.daySpend.loadMany(owner.bans, { from: span.from, to: span.to })).flatMap((each) => each ?? [])
  return points.map((point) => ({ ...point, spend: async () => spendOnDay(await months(), point.from) }))
}

export const UsagePoint: UsagePointResolvers = {
  completedCalls: ({ completed }) => completed,
  minutes: ({ seconds }) => seconds / 60,
  answerRatio,
  averageSeconds,
  spend: ({ spend }) => spend?.() ?? null,
}
