import type { CustomerResolvers } from '#schema/generated/telephony.types.ts'
import { numberPage, trunkPage } from './asset-page.ts'
import { customerMrr } from './spend.ts'
import { usageOf } from './usage.ts'

export const Customer: CustomerResolvers = {
  __resolveReference: (reference) => reference,

  billingAccounts: async ({ bans = [] }, _, ctx) =>
    (await ctx.accounts.loadMany(bans, undefined)).filter((account) => account !== null),

  trunks: ({ bans = [] }, args, ctx) => trunkPage(ctx, bans, args),
  ...customerMrr,
  numbers: ({ bans = [] }, args, ctx) => numberPage(ctx, bans, args),
  usage: ({ bans = [] }, args, ctx) => usageOf(ctx, { bans: [...bans].sort(), trunkId: null }, args),
}
