import { isId } from '#kernel/ids.ts'
import type {
  AccountRatePlanResolvers,
  BillingAccountResolvers,
  MutationResolvers,
  QueryResolvers,
  RatePlanResolvers,
  RatePlanTermsResolvers,
} from '#schema/generated/telephony.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { missing } from '#service/refusal.ts'
import { changeRatePlan, createRatePlan, retireRatePlan } from '../commands/keep-rate-plans.ts'
import { setAccountRatePlan } from '../commands/set-account-rate-plan.ts'
import { ratePlanPage } from '../store/rate-plans.ts'

export const RatePlan: RatePlanResolvers = {
  isRetired: ({ retiredAt }) => retiredAt !== null,
  versions: async ({ id }, _, ctx) => (await ctx.ratePlanVersions.load(id)) ?? [],
}

export const RatePlanTerms: RatePlanTermsResolvers = {
  monthlyFee: ({ monthlyFee, currency }) => ({ amount: monthlyFee, currency }),
}

export const AccountRatePlan: AccountRatePlanResolvers = {
  plan: async ({ planId }, _, ctx) => {
    const plan = await ctx.ratePlans.load(planId)
    if (!plan) throw new Error('an account is on a rate plan that is not there')
    return plan
  },
}

export const accountPlan: Pick<BillingAccountResolvers, 'ratePlan'> = {
  ratePlan: ({ ban }, _, ctx) => ctx.accountPlans.load(ban),
}

export const ratePlanQueries: Pick<QueryResolvers, 'ratePlan' | 'ratePlans'> = {
  ratePlan: (_, { id }, ctx) => (isId(id) ? ctx.ratePlans.load(id) : null),

  ratePlans: async (_, { withRetired, ...args }, ctx) => {
    const page = keyset(args, 2)
    const after = page.after as readonly [string, string] | null
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      ratePlanPage(tx, ctx.orgId, { withRetired, limit: page.limit, after }),
    )
    return connection(rows, page, (row) => [row.name, row.id])
  },
}

export const ratePlanMutations: Pick<
  MutationResolvers,
  'createRatePlan' | 'changeRatePlan' | 'retireRatePlan' | 'setAccountRatePlan'
> = {
  createRatePlan: async (_, input, ctx) => {
    const answer = await createRatePlan(ctx, input)
    return '__typename' in answer ? answer : { __typename: 'RatePlanChanged', ...answer }
  },

  changeRatePlan: async (_, input, ctx) => {
    const answer = await changeRatePlan(ctx, input)
    return '__typename' in answer ? answer : { __typename: 'RatePlanChanged', ...answer }
  },

  retireRatePlan: async (_, { id }, ctx) => {
    const answer = await retireRatePlan(ctx, id)
    return '__typename' in answer ? answer : { __typename: 'RatePlanChanged', ...answer }
  },

  setAccountRatePlan: async (_, { planId = null, ...input }, ctx) => {
    const answer = await setAccountRatePlan(ctx, { ...input, planId })
    if ('__typename' in answer) return answer
    const { ban, fromMonth, receipt } = answer
    const account = await ctx.accounts.load(ban)
    return account
      ? { __typename: 'AccountRatePlanSet', account, fromMonth, receipt }
      : missing('The billing account')
  },
}
