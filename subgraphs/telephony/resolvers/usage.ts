import { BadInput } from '#kernel/errors.ts'
import type { UsagePointResolvers } from '#schema/generated/telephony.types.ts'
import type { Context } from '../context.ts'
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
  return (await ctx.usage.load(JSON.stringify(owner), span)) ?? []
}

export const UsagePoint: UsagePointResolvers = {
  completedCalls: ({ completed }) => completed,
  minutes: ({ seconds }) => seconds / 60,
  answerRatio,
  averageSeconds,
}
