import { isId } from '#kernel/ids.ts'
import type { QueryResolvers } from '#schema/generated/telephony.types.ts'
import { alertQueries } from './alerts.ts'

export const Query: QueryResolvers = {
  ...alertQueries,
  trunk: (_, { id }, ctx) => (isId(id) ? ctx.trunks.load(id) : null),
  billingAccount: (_, { ban }, ctx) => ctx.accounts.load(ban),
}
