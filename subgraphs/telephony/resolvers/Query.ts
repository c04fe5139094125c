import { isId } from '#kernel/ids.ts'
import type { QueryResolvers } from '#schema/generated/telephony.types.ts'
import { accountQueries } from './account-life.ts'
import { creditQueries } from './credit.ts'
import { trunkQueries } from './trunk-life.ts'

export const Query: QueryResolvers = {
  ...accountQueries,
  ...trunkQueries,
  ...creditQueries,

  trunk: (_, { id }, ctx) => (isId(id) ? ctx.trunks.load(id) : null),
  billingAccount: (_, { ban }, ctx) => ctx.accounts.load(ban),
}
