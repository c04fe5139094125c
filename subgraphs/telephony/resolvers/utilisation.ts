import { BadInput } from '#kernel/errors.ts'
import type { TrunkResolvers, UtilisationPointResolvers } from '#schema/generated/telephony.types.ts'
import { isAnswerable, MOST_POINTS } from '../domain/usage.ts'
import { shareOf } from '../domain/utilisation.ts'

export const trunkUtilisation: Pick<TrunkResolvers, 'utilisation'> = {
  utilisation: async ({ id }, { from, to }, ctx) => {
    if (!isAnswerable(from, to, 'HOUR'))
      throw BadInput.with({
        field: 'to',
        reason: `must be later than from, and at most ${MOST_POINTS} hours later`,
      })
    return (await ctx.utilisation.load(id, { from: from.toISOString(), to: to.toISOString() })) ?? []
  },
}

export const UtilisationPoint: UtilisationPointResolvers = {
  share: ({ peakCalls, allowedCalls }) => shareOf(peakCalls, allowedCalls),
  minutes: ({ seconds }) => seconds / 60,
  shareOfMonthlyMinutes: ({ seconds, monthlyMinutes }) => shareOf(seconds / 60, monthlyMinutes),
}
