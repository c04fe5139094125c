import { isId } from '#kernel/ids.ts'
import type { QueryResolvers } from '#schema/generated/telephony.types.ts'
import { accountQueries } from './account-life.ts'
import { alertQueries } from './alerts.ts'
import { creditQueries } from './credit.ts'
import { growthQueries } from './growth.ts'
import { invoiceQueries } from './invoices.ts'
import { messagingQueries } from './messaging.ts'
import { numberQueries } from './numbers.ts'
import { portQueries } from './ports.ts'
import { ratePlanQueries } from './rate-plans.ts'
import { trunkQueries } from './trunk-life.ts'

export const Query: QueryResolvers = {
  ...accountQueries,
  ...trunkQueries,
  ...creditQueries,
  ...ratePlanQueries,
  ...invoiceQueries,
  ...growthQueries,
  ...alertQueries,

  trunk: (_, { id }, ctx) => (isId(id) ? ctx.trunks.load(id) : null),
  billingAccount: (_, { ban }, ctx) => ctx.accounts.load(ban),
  ...numberQueries,
  ...portQueries,
  ...messagingQueries,
}
