import type {
  MutationResolvers,
  ReservationResolvers,
  RfqHappeningResolvers,
  RfqResolvers,
} from '#schema/generated/inventory.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { missing } from '#service/refusal.ts'
import { releaseStock, reserveStock } from '../commands/hold-stock.ts'
import { reservationState } from '../domain/reservations.ts'

export const Reservation: ReservationResolvers = {
  stockItem: ({ stockId }, _, ctx) => ctx.stock.load(stockId),
  confirmedQuantity: ({ c3Quantity }) => c3Quantity,
  state: ({ quantity, c3Quantity }) => reservationState(quantity, c3Quantity),
}

export const RfqHappening: RfqHappeningResolvers = {
  stockItem: ({ details: { stockId } }, _, ctx) => (stockId ? ctx.stock.load(stockId) : null),
  quantity: ({ details }) => details.quantity ?? null,
  reason: ({ details }) => details.reason ?? null,
  previousStatus: ({ details }) => details.previousStatus ?? null,
  quoteRevision: ({ details }) => details.quoteRevision ?? null,
  line: ({ details }) => details.line ?? null,
  component: ({ details: { componentId } }, _, ctx) =>
    componentId ? ctx.components.load(componentId) : null,
}

export const rfqStock: Pick<RfqResolvers, 'reservations' | 'history'> = {
  reservations: async ({ id }, _, ctx) => (await ctx.reservations.load(id)) ?? [],

  history: async ({ id }, args, ctx) => {
    const page = keyset(args, 2)
    const after = page.after as readonly [string, string] | null
    const rows = (await ctx.rfqHistory.load(id, { limit: page.limit, after })) ?? []
    return connection(rows, page, (row) => [row.at.toISOString(), row.id])
  },
}

export const stockMutations: Pick<MutationResolvers, 'reserveStock' | 'releaseStock'> = {
  reserveStock: async (_, { input, ...asking }, ctx) => {
    const answer = await reserveStock(ctx, input, asking)
    if ('__typename' in answer) return answer
    const rfq = await ctx.rfqs.load(answer.rfqId)
    return rfq
      ? { __typename: 'StockReserved', rfq, receipt: answer.receipt }
      : missing('The request for prices')
  },

  releaseStock: async (_, { input, ...asking }, ctx) => {
    const answer = await releaseStock(ctx, input, asking)
    if ('__typename' in answer) return answer
    const rfq = await ctx.rfqs.load(answer.rfqId)
    return rfq
      ? { __typename: 'StockReleased', rfq, receipt: answer.receipt }
      : missing('The request for prices')
  },
}
