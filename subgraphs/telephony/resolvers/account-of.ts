import { NotFound } from '#kernel/errors.ts'
import type { Context } from '../context.ts'
import type { BillingAccountRow } from '../store/accounts.ts'

/** The billing account of an asset. @throws NOT_FOUND when it went in the moment since the asset was read */
export const accountOf = async (ctx: Context, ban: string): Promise<BillingAccountRow> => {
  const account = await ctx.accounts.load(ban)
  if (!account) throw NotFound.with({ what: 'The billing account' })
  return account
}
