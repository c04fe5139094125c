import type { DealResolvers, MutationResolvers, RfqResolvers } from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { isRefusal } from '#service/refusal.ts'
import { linkRfqToDeal } from '../commands/link-rfq-to-deal.ts'
import { unlinkRfqFromDeal } from '../commands/unlink-rfq-from-deal.ts'
import { dealsOf } from './child-pages.ts'

/** Another subgraph's request: we only say to which deals it belongs. */
export const Rfq: RfqResolvers = {
  __resolveReference: (reference) => reference,
  deals: ({ id = '' }, args, ctx) => dealsOf('rfqs')({ id }, args, ctx),
  proposedDeal: async ({ id = '' }, _, ctx) => {
    const dealId = await ctx.proposedDeals.load(id)
    return dealId ? await ctx.records.deals.byId.load(dealId) : null
  },
}

export const rfqsOfDeal: NonNullable<DealResolvers['rfqs']> = async (
  { id },
  { status = null, ...args },
  ctx,
) => {
  const page = keyset(args, 2)
  const { limit, after } = page
  const rows = (await ctx.dealRfqs.load(id, { status, limit, after })) ?? []
  const { nodes, edges, pageInfo } = connection(rows, page, (row) => [row.created_at.toISOString(), row.id])
  return {
    nodes,
    edges: edges.map(({ node, cursor }) => ({
      ...{ node, cursor, linkedBy: node.linked_by, linkedAt: node.linked_at },
    })),
    pageInfo,
    count: async () => (await ctx.dealRfqCounts.load(id, status)) ?? 0,
  }
}

export const rfqMutations = {
  linkRfqToDeal: async (_, ask, ctx) => {
    const linked = await linkRfqToDeal(ctx, ask)
    return isRefusal(linked) ? linked : { __typename: 'RfqLinked', ...linked, rfq: { id: ask.rfqId } }
  },

  unlinkRfqFromDeal: async (_, ask, ctx) => {
    const unlinked = await unlinkRfqFromDeal(ctx, ask)
    return isRefusal(unlinked) ? unlinked : { __typename: 'RfqUnlinked', ...unlinked, rfq: { id: ask.rfqId } }
  },
} satisfies MutationResolvers
