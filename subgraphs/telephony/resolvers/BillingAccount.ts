import type { PageArgs } from '#service/connection.ts'
import type { Context } from '../context.ts'
import type { BillingAccountRow } from '../store/accounts.ts'
import { numberPage, trunkPage } from './asset-page.ts'

export const BillingAccount = {
  __resolveReference: ({ ban }: { ban: string }, ctx: Context) => ctx.accounts.load(ban),

  mrr: ({ mrr, currency }: BillingAccountRow) => ({ amount: mrr, currency }),
  creditLimit: ({ creditLimit, currency }: BillingAccountRow) => ({ amount: creditLimit, currency }),
  trunks: ({ ban }: BillingAccountRow, args: PageArgs, ctx: Context) => trunkPage(ctx, [ban], args),
  numbers: ({ ban }: BillingAccountRow, args: PageArgs, ctx: Context) => numberPage(ctx, [ban], args),
}
