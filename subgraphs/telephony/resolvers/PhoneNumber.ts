import { isId } from '#kernel/ids.ts'
import type { PhoneNumberResolvers } from '#schema/generated/telephony.types.ts'
import { acquiredAt } from '../domain/numbers.ts'
import { accountOf } from './account-of.ts'
import { numberEmergency } from './emergency.ts'
import { numberMessaging } from './messaging.ts'

export const PhoneNumber: PhoneNumberResolvers = {
  __resolveReference: ({ id }, ctx) => (isId(id) ? ctx.numbers.load(id) : null),

  ...numberEmergency,
  ...numberMessaging,
  monthlyCost: ({ monthlyCost, currency }) => ({ amount: monthlyCost, currency }),
  trunk: ({ trunkId }, _, ctx) => (trunkId ? ctx.trunks.load(trunkId) : null),
  acquiredAt,
  respOrg: ({ type, respOrg }) => (type === 'TOLLFREE' ? respOrg : null),
  account: ({ ban }, _, ctx) => accountOf(ctx, ban),
}
