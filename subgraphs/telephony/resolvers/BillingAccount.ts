import type { BillingAccountResolvers } from '#schema/generated/telephony.types.ts'
import { ACCOUNT_MOVES } from '../domain/account-life.ts'
import { numberPage, trunkPage } from './asset-page.ts'
import { usageOf } from './usage.ts'

export const BillingAccount: BillingAccountResolvers = {
  __resolveReference: ({ ban }, ctx) => ctx.accounts.load(ban),

  mrr: ({ mrr, currency }) => ({ amount: mrr, currency }),
  creditLimit: ({ creditLimit, currency }) => ({ amount: creditLimit, currency }),
  nextStatuses: ({ status }) => [...ACCOUNT_MOVES[status]],
  trunks: ({ ban }, args, ctx) => trunkPage(ctx, [ban], args),
  numbers: ({ ban }, args, ctx) => numberPage(ctx, [ban], args),
  usage: ({ ban }, args, ctx) => usageOf(ctx, { bans: [ban], trunkId: null }, args),
}
