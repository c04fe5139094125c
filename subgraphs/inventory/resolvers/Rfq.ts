import type { RfqResolvers } from '#schema/generated/inventory.types.ts'

export const Rfq: RfqResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.rfqs.load(id),

  total: ({ total, currency }) => (total === null ? null : { amount: total, currency }),
  // Requests and accounts arrive in parallel: until the account is there, its id is what is known of it.
  account: async ({ accountId }, _, ctx) =>
    (await ctx.accounts.load(accountId)) ?? {
      id: accountId,
      c3CustomerId: accountId,
      name: '',
      domain: null,
    },
}
