import type { CustomerResolvers } from '#schema/generated/inventory.types.ts'
import { rfqPage } from './rfq-page.ts'
import { customerTrade } from './Transaction.ts'

export const Customer: CustomerResolvers = {
  __resolveReference: (reference) => reference,

  rfqs: ({ c3CustomerIds = [] }, args, ctx) => rfqPage(ctx, c3CustomerIds, args),
  openQuotes: ({ c3CustomerIds = [] }, args, ctx) =>
    rfqPage(ctx, c3CustomerIds, { ...args, status: 'QUOTED' }),
  ...customerTrade,
}
