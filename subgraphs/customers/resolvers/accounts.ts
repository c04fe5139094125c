import type { BillingAccountResolvers, C3AccountResolvers } from '#schema/generated/customers.types.ts'
import type { Context } from '../context.ts'

const customerOf = async (ctx: Context, accountId: string | undefined, system: 'C3' | 'WARP') => {
  const customerId = accountId ? await ctx.customerOfAccount.load(accountId, system) : null
  return customerId ? await ctx.customers.load(customerId) : null
}

/** Another system's account: we only say whose it is. */
export const C3Account: C3AccountResolvers = {
  __resolveReference: (reference) => reference,
  customer: ({ id }, _, ctx) => customerOf(ctx, id, 'C3'),
}

export const BillingAccount: BillingAccountResolvers = {
  __resolveReference: (reference) => reference,
  customer: ({ ban }, _, ctx) => customerOf(ctx, ban, 'WARP'),
}
