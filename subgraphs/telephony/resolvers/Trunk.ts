import { isId } from '#kernel/ids.ts'
import type { TrunkResolvers } from '#schema/generated/telephony.types.ts'
import { accountOf } from './account-of.ts'

export const Trunk: TrunkResolvers = {
  __resolveReference: ({ id }, ctx) => (isId(id) ? ctx.trunks.load(id) : null),

  account: ({ ban }, _, ctx) => accountOf(ctx, ban),
}
