import type { CustomerResolvers } from '#schema/generated/inventory.types.ts'
import { rfqPage } from './rfq-page.ts'

export const Customer: CustomerResolvers = {
  __resolveReference: (reference) => reference,

  rfqs: ({ c3CustomerIds = [] }, args, ctx) => rfqPage(ctx, c3CustomerIds, args),
}
