import type { PageArgs } from '#service/connection.ts'
import type { Context } from '../context.ts'
import { trunkPage } from './asset-page.ts'

interface Reference {
  id: string
  bans: string[]
}

export const Customer = {
  __resolveReference: (reference: Reference) => reference,

  billingAccounts: async ({ bans }: Reference, _: unknown, ctx: Context) =>
    (await ctx.accounts.loadMany(bans, undefined)).filter((account) => account !== null),

  trunks: ({ bans }: Reference, args: PageArgs, ctx: Context) => trunkPage(ctx, bans, args),
}
