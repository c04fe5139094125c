import type { Context } from '../context.ts'
import type { RfqRow } from '../store/rfqs.ts'

export const Rfq = {
  __resolveReference: ({ id }: { id: string }, ctx: Context) => ctx.rfqs.load(id),

  total: ({ total, currency }: RfqRow) => (total === null ? null : { amount: total, currency }),
  // Requests and accounts arrive in parallel: until the account is there, its id is what is known of it.
  account: async ({ accountId }: RfqRow, _: unknown, ctx: Context) =>
    (await ctx.accounts.load(accountId)) ?? {
      id: accountId,
      c3CustomerId: accountId,
      name: '',
      domain: null,
    },
}
