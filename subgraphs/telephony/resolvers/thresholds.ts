import type { BillingAccountResolvers, MutationResolvers } from '#schema/generated/telephony.types.ts'
import { invalid, missing } from '#service/refusal.ts'
import { resetThreshold } from '../commands/reset-threshold.ts'
import { setSpendLimit } from '../commands/set-spend-limit.ts'
import { setThreshold } from '../commands/set-threshold.ts'
import { accountOf } from './account-of.ts'

export const accountThresholds: Pick<BillingAccountResolvers, 'thresholds' | 'spendLimit'> = {
  thresholds: async ({ ban }, _, ctx) => (await ctx.thresholds.load(ban)) ?? [],
  spendLimit: async ({ ban, currency }, _, ctx) => {
    const limit = await ctx.spendLimits.load(ban)
    return limit && { amount: limit.amount, currency }
  },
}

export const thresholdMutations: Pick<
  MutationResolvers,
  'setThreshold' | 'resetThreshold' | 'setSpendLimit'
> = {
  setThreshold: async (_, { input: { ban, slack, minCalls, ...asked } }, ctx) => {
    const done = await setThreshold(ctx, ban ?? null, {
      ...asked,
      slack: slack ?? null,
      minCalls: minCalls ?? null,
    })
    if (done === null) return missing('The billing account')
    return 'problem' in done
      ? invalid(done.field, `${done.field} ${done.problem}.`)
      : { __typename: 'ThresholdSet', ...done }
  },

  resetThreshold: async (_, { ban, ...place }, ctx) => {
    const done = await resetThreshold(ctx, ban ?? null, place)
    return done ? { __typename: 'ThresholdReset', ...done } : missing('The threshold')
  },

  setSpendLimit: async (_, { ban, amount }, ctx) => {
    const done = await setSpendLimit(ctx, ban, amount ?? null)
    if (done === null) return missing('The billing account')
    if ('problem' in done) return invalid(done.field, `${done.field} ${done.problem}.`)
    return { __typename: 'SpendLimitSet', ...done, account: await accountOf(ctx, ban) }
  },
}
