import type {
  ComponentResolvers,
  MutationResolvers,
  QueryResolvers,
  RecommendationFilter,
  RecommendationResolvers,
  RfqResolvers,
  SupplierResolvers,
} from '#schema/generated/inventory.types.ts'
import { type CountedPage, connection, keyset, type PageArgs } from '#service/connection.ts'
import { isRefusal } from '#service/refusal.ts'
import { decideRecommendation } from '../commands/decide-recommendation.ts'
import { giveRecommendations } from '../commands/give-recommendations.ts'
import { lookIntoRfq } from '../commands/look-into-rfq.ts'
import { pushRecommendations } from '../commands/push-recommendations.ts'
import type { Context } from '../context.ts'
import { bandOf } from '../domain/recommendations.ts'
import {
  countRecommendations,
  newestRecommendations,
  type RecommendationOwner,
} from '../store/recommendation-pages.ts'
import type { RecommendationRow } from '../store/recommendations.ts'

const money = (amount: string | null, currency: string | null) =>
  amount === null || currency === null ? null : { amount, currency }

export const Recommendation: RecommendationResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.recommendations.load(id),

  rfq: ({ rfqId }, _, ctx) => (rfqId ? ctx.rfqs.load(rfqId) : null),
  component: ({ componentId }, _, ctx) => (componentId ? ctx.components.load(componentId) : null),
  alternative: ({ alternativeId }, _, ctx) => (alternativeId ? ctx.components.load(alternativeId) : null),
  supplier: ({ c3SupplierId }, _, ctx) => (c3SupplierId ? ctx.suppliersOfC3.load(c3SupplierId) : null),
  price: ({ kind, amount, currency }) => (kind === 'PRICING' ? money(amount, currency) : null),
  low: ({ low, currency }) => money(low, currency),
  high: ({ high, currency }) => money(high, currency),
  saving: ({ kind, amount, currency }) => (kind === 'ALTERNATIVE' ? money(amount, currency) : null),
  band: ({ confidence }) => bandOf(confidence),
  outcome: ({
    outcomeResult: result,
    outcomePrice,
    outcomeCurrency,
    outcomeQuantity: quantity,
    outcomeAt: at,
  }) => (result && at ? { result, price: money(outcomePrice, outcomeCurrency), quantity, at } : null),
  push: ({ pushState: state, pushProblem: problem, pushedAt: at }) => (state ? { state, problem, at } : null),
}

type Asked = PageArgs & { filter?: RecommendationFilter | null }

const asked = ({ filter, ...args }: Asked) => {
  const page = keyset(args, 1)
  const choice = {
    kinds: filter?.kinds ?? null,
    states: filter?.states ?? null,
    confidence: filter?.confidence ?? null,
  }
  return {
    page,
    choice,
    wanted: { choice, limit: page.limit, after: page.after as readonly [string] | null },
  }
}

const pageOf =
  (of: RecommendationOwner) =>
  async (ctx: Context, owner: string, args: Asked): Promise<CountedPage<RecommendationRow>> => {
    const { page, choice, wanted } = asked(args)
    const rows =
      (await ctx.recommendationPages[of].load(owner, { ...wanted, after: wanted.after?.[0] ?? null })) ?? []
    return {
      ...connection(rows, page, ({ id }) => [id]),
      count: async () => (await ctx.recommendationCounts[of].load(owner, choice)) ?? 0,
    }
  }

const [ofRfq, ofComponent, ofSupplier] = [pageOf('rfq_id'), pageOf('component_id'), pageOf('c3_supplier_id')]

export const rfqRecommendations: NonNullable<RfqResolvers['recommendations']> = ({ id }, args, ctx) =>
  ofRfq(ctx, id, args)
export const componentRecommendations: NonNullable<ComponentResolvers['recommendations']> = (
  { id },
  args,
  ctx,
) => ofComponent(ctx, id, args)
export const supplierRecommendations: NonNullable<SupplierResolvers['recommendations']> = (
  { c3SupplierId },
  args,
  ctx,
) => ofSupplier(ctx, c3SupplierId, args)

export const recommendationQueries: Pick<
  QueryResolvers,
  'recommendation' | 'recommendations' | 'rfqInsights'
> = {
  recommendation: (_, { id }, ctx) => ctx.recommendations.load(id),

  recommendations: async (_, args, ctx) => {
    const { page, choice, wanted } = asked(args)
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      newestRecommendations(tx, ctx.orgId, { ...wanted, after: wanted.after?.[0] ?? null }),
    )
    const count = () => ctx.db.read(ctx.orgId, (tx) => countRecommendations(tx, ctx.orgId, choice))
    return { ...connection(rows, page, ({ id }) => [id]), count }
  },

  rfqInsights: (_, { rfqId }, ctx) => lookIntoRfq(ctx, rfqId),
}

export const recommendationMutations = {
  acceptRecommendation: async (_, { reason, ...ask }, ctx) => {
    const decided = await decideRecommendation(ctx, { ...ask, to: 'ACCEPTED', reason: reason ?? null })
    return isRefusal(decided) ? decided : { __typename: 'RecommendationDecided', ...decided }
  },

  rejectRecommendation: async (_, ask, ctx) => {
    const decided = await decideRecommendation(ctx, { ...ask, to: 'REJECTED' })
    return isRefusal(decided) ? decided : { __typename: 'RecommendationDecided', ...decided }
  },

  reopenRecommendation: async (_, { reason, ...ask }, ctx) => {
    const decided = await decideRecommendation(ctx, { ...ask, to: 'REOPENED', reason: reason ?? null })
    return isRefusal(decided) ? decided : { __typename: 'RecommendationDecided', ...decided }
  },

  pushRecommendations: async (_, { rfqId }, ctx) => {
    const pushed = await pushRecommendations(ctx, rfqId)
    return isRefusal(pushed) ? pushed : { __typename: 'RecommendationsPushed', ...pushed }
  },

  giveRecommendations: async (_, { input }, ctx) => {
    const given = await giveRecommendations(ctx, input)
    return isRefusal(given) ? given : { __typename: 'RecommendationsPushed', ...given }
  },
} satisfies MutationResolvers
