import { BadInput } from '#kernel/errors.ts'
import type {
  BillingAccountResolvers,
  CustomerResolvers,
  MonthToDateResolvers,
  MrrPointResolvers,
} from '#schema/generated/telephony.types.ts'
import { byCurrency } from '../domain/spend.ts'

const MOST_MONTHS = 60

export const MonthToDate: MonthToDateResolvers = {
  spend: ({ spend, currency }) => (spend === null || currency === null ? null : { amount: spend, currency }),
  includedMinutesLeft: ({ includedLeft }) => includedLeft,
}

export const MrrPoint: MrrPointResolvers = {
  mrr: ({ mrr, currency }) => ({ amount: mrr, currency }),
}

export const accountSpend: Pick<BillingAccountResolvers, 'monthToDate' | 'mrrHistory'> = {
  monthToDate: async ({ ban }, _, ctx) => {
    const spent = await ctx.monthSpend.load(ban)
    if (!spent) throw new Error('an account has no month')
    return spent
  },

  mrrHistory: async ({ ban }, { months }, ctx) => {
    if (months < 1 || months > MOST_MONTHS)
      throw BadInput.with({ field: 'months', reason: `must be from 1 to ${MOST_MONTHS}` })
    return (await ctx.mrrHistory.load(ban, months)) ?? []
  },
}

export const customerMrr: Pick<CustomerResolvers, 'mrr'> = {
  mrr: async ({ bans = [] }, _, ctx) => {
    const accounts = await ctx.accounts.loadMany(bans, undefined)
    return byCurrency(
      accounts.flatMap((account) =>
        account && account.status !== 'CHURNED' ? [{ amount: account.mrr, currency: account.currency }] : [],
      ),
    )
  },
}
