import type { PageArgs } from '#service/connection.ts'
import type { Context } from '../context.ts'
import type { AccountRow } from '../store/accounts.ts'
import { numberPage, trunkPage } from './asset-page.ts'

export const BillingAccount = {
  __resolveReference: ({ ban }: { ban: string }, ctx: Context) => ctx.accounts.load(ban),

  mrr: ({ mrr, currency }: AccountRow) => ({ amount: mrr, currency }),
  creditLimit: ({ creditLimit, currency }: AccountRow) => ({ amount: creditLimit, currency }),
  trunks: ({ ban }: AccountRow, args: PageArgs, ctx: Context) => trunkPage(ctx, [ban], args),
  numbers: ({ ban }: AccountRow, args: PageArgs, ctx: Context) => numberPage(ctx, [ban], args),
}
