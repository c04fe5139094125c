import { isId } from '#kernel/ids.ts'
import type { PhoneNumberResolvers } from '#schema/generated/telephony.types.ts'
import { accountOf } from './account-of.ts'

export const PhoneNumber: PhoneNumberResolvers = {
  __resolveReference: ({ id }, ctx) => (isId(id) ? ctx.numbers.load(id) : null),

  monthlyCost: ({ monthlyCost, currency }) => ({ amount: monthlyCost, currency }),
  trunk: ({ trunkId }, _, ctx) => (trunkId ? ctx.trunks.load(trunkId) : null),
  account: ({ ban }, _, ctx) => accountOf(ctx, ban),
}
