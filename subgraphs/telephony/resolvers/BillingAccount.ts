import type { BillingAccountResolvers } from '#schema/generated/telephony.types.ts'
import { numberPage, trunkPage } from './asset-page.ts'
import { accountMessaging } from './messaging.ts'
import { accountPorts } from './ports.ts'
import { usageOf } from './usage.ts'

export const BillingAccount: BillingAccountResolvers = {
  __resolveReference: ({ ban }, ctx) => ctx.accounts.load(ban),

  ...accountPorts,
  ...accountMessaging,
  mrr: ({ mrr, currency }) => ({ amount: mrr, currency }),
  creditLimit: ({ creditLimit, currency }) => ({ amount: creditLimit, currency }),
  trunks: ({ ban }, args, ctx) => trunkPage(ctx, [ban], args),
  numbers: ({ ban }, args, ctx) => numberPage(ctx, [ban], args),
  usage: ({ ban }, args, ctx) => usageOf(ctx, { bans: [ban], trunkId: null }, args),
}
