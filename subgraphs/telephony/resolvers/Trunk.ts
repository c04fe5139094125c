import { isId } from '#kernel/ids.ts'
import type { TrunkResolvers } from '#schema/generated/telephony.types.ts'
import { FIRST_RULE, reasonOf } from '../domain/credit.ts'
import { nextTrunkStatuses } from '../domain/trunk-life.ts'
import { accountOf } from './account-of.ts'
import { usageOf } from './usage.ts'

export const Trunk: TrunkResolvers = {
  __resolveReference: ({ id }, ctx) => (isId(id) ? ctx.trunks.load(id) : null),

  account: ({ ban }, _, ctx) => accountOf(ctx, ban),
  nextStatuses: (trunk) => nextTrunkStatuses(trunk),

  allowedCallsReason: async ({ ban, status }, _, ctx) => {
    if (status === 'DELETED') return 'The trunk was taken down.'
    const [account, rule, ordered] = await Promise.all([
      accountOf(ctx, ban),
      ctx.creditRules.load(ctx.orgId),
      ctx.ordered.load(ban),
    ])
    return reasonOf(account, rule ?? FIRST_RULE, ordered ?? { trunks: 0, orderedCalls: 0 })
  },

  usage: ({ id, ban }, args, ctx) => usageOf(ctx, { bans: [ban], trunkId: id }, args),
}
