import { isId } from '#kernel/ids.ts'
import type { QueryResolvers } from '#schema/generated/telephony.types.ts'
import { messagingQueries } from './messaging.ts'
import { numberQueries } from './numbers.ts'
import { portQueries } from './ports.ts'

export const Query: QueryResolvers = {
  trunk: (_, { id }, ctx) => (isId(id) ? ctx.trunks.load(id) : null),
  billingAccount: (_, { ban }, ctx) => ctx.accounts.load(ban),
  ...numberQueries,
  ...portQueries,
  ...messagingQueries,
}
