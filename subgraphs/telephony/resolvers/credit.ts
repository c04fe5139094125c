import type {
  CreditRuleResolvers,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/telephony.types.ts'
import { setCreditPerCall } from '../commands/set-credit-per-call.ts'
import { creditRuleOf } from '../store/credit.ts'

export const CreditRule: CreditRuleResolvers = {
  perCall: ({ perCall, currency }) => (perCall === null ? null : { amount: perCall, currency }),
}

export const creditQueries: Pick<QueryResolvers, 'creditRule'> = {
  creditRule: (_, __, ctx) => ctx.db.read(ctx.orgId, (tx) => creditRuleOf(tx, ctx.orgId)),
}

export const creditMutations: Pick<MutationResolvers, 'setCreditPerCall'> = {
  setCreditPerCall: async (_, args, ctx) => {
    const answer = await setCreditPerCall(ctx, args)
    return '__typename' in answer ? answer : { __typename: 'CreditRuleSet', ...answer }
  },
}
