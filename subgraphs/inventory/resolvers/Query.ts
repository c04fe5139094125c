import { isId, NO_ID } from '#kernel/ids.ts'
import type { QueryResolvers } from '#schema/generated/inventory.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { countStock, stockPage } from '../store/stock.ts'
import { accountQueries } from './C3Account.ts'
import { conflictQueries } from './C3Conflict.ts'
import { componentQueries } from './Component.ts'
import { controlQueries } from './control.ts'
import { externalIdQueries } from './external-ids.ts'
import { policyQueries } from './policy.ts'
import { recommendationQueries } from './Recommendation.ts'
import { rfqPage } from './rfq-page.ts'
import { supplierQueries } from './Supplier.ts'
import { statusQueries } from './sync-status.ts'
import { transactionQueries } from './Transaction.ts'
import { webhookQueries } from './webhooks.ts'

export const Query: QueryResolvers = {
  ...controlQueries,
  ...conflictQueries,
  ...policyQueries,
  ...componentQueries,
  ...accountQueries,
  ...supplierQueries,
  ...transactionQueries,
  ...statusQueries,
  ...recommendationQueries,
  ...webhookQueries,
  ...externalIdQueries,

  rfq: (_, { id }, ctx) => ctx.rfqs.load(id),

  rfqs: (_, args, ctx) => rfqPage(ctx, null, args),

  stock: async (_, { partNumber, filter, ...args }, ctx) => {
    const page = keyset(args, 2)
    const componentId = filter?.componentId ?? null
    const choice = {
      partNumber: partNumber ?? null,
      // What is no id of ours is nothing's.
      componentId: componentId === null || isId(componentId) ? componentId : NO_ID,
      location: filter?.location ?? null,
      isOversold: filter?.isOversold ?? null,
      inStock: filter?.inStock ?? null,
    }
    const after = page.after as readonly [string, string] | null
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      stockPage(tx, ctx.orgId, choice, { limit: page.limit, after }),
    )
    const count = () => ctx.db.read(ctx.orgId, (tx) => countStock(tx, ctx.orgId, choice))
    return { ...connection(rows, page, (row) => [row.partNumber, row.id]), count }
  },
}
