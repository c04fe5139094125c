import { isId } from '#kernel/ids.ts'
import type { TrunkResolvers } from '#schema/generated/telephony.types.ts'
import { accountOf } from './account-of.ts'
import { trunkCalls } from './active-calls.ts'
import { trunkAlerts } from './alerts.ts'
import { usageOf } from './usage.ts'
import { trunkUtilisation } from './utilisation.ts'

export const Trunk: TrunkResolvers = {
  __resolveReference: ({ id }, ctx) => (isId(id) ? ctx.trunks.load(id) : null),

  account: ({ ban }, _, ctx) => accountOf(ctx, ban),
  ...trunkAlerts,
  ...trunkCalls,
  ...trunkUtilisation,
  usage: ({ id, ban }, args, ctx) => usageOf(ctx, { bans: [ban], trunkId: id }, args),
}
