import type { RfqLineResolvers, RfqResolvers } from '#schema/generated/inventory.types.ts'
import { lineAdvice } from './advice.ts'
import { rfqRecommendations } from './Recommendation.ts'
import { rfqStock } from './reservations.ts'
import { rfqLife } from './rfq-life.ts'
import { standingOf } from './standing.ts'

export const Rfq: RfqResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.rfqs.load(id),

  recommendations: rfqRecommendations,

  syncConflict: async (rfq, _, ctx) => (await standingOf(ctx, rfq)).isContested,
  syncStatus: async (rfq, _, ctx) => (await standingOf(ctx, rfq)).state,
  c3LastSync: async (rfq, _, ctx) => (await standingOf(ctx, rfq)).syncedAt,
  ...rfqStock,
  ...rfqLife,
  total: ({ total, currency }) => (total === null ? null : { amount: total, currency }),
  lines: async ({ id }, _, ctx) => (await ctx.rfqLines.load(id)) ?? [],
  // Requests and accounts arrive in parallel: until the account is there, its id is what is known of it.
  account: async ({ accountId }, _, ctx) =>
    (await ctx.accounts.load(accountId)) ?? {
      id: accountId,
      c3CustomerId: accountId,
      name: '',
      domain: null,
    },
}

export const RfqLine: RfqLineResolvers = {
  ...lineAdvice,
  candidates: async ({ candidateIds }, _, ctx) =>
    (await ctx.components.loadMany(candidateIds, undefined)).filter((component) => component !== null),
  component: ({ componentId }, _, ctx) => (componentId ? ctx.components.load(componentId) : null),
  targetPrice: ({ targetPrice, currency }) =>
    targetPrice === null ? null : { amount: targetPrice, currency },
  unitPrice: ({ unitPrice, currency }) => (unitPrice === null ? null : { amount: unitPrice, currency }),
}
