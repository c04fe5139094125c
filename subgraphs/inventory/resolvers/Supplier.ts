import type { QueryResolvers, SupplierResolvers } from '#schema/generated/inventory.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { countSuppliers, supplierPage } from '../store/suppliers.ts'
import { supplierRecommendations } from './Recommendation.ts'

export const Supplier: SupplierResolvers = {
  __resolveReference: ({ id }, ctx) => ctx.suppliers.load(id),

  recommendations: supplierRecommendations,

  components: async ({ c3SupplierId }, args, ctx) => {
    const page = keyset(args, 2)
    const after = page.after as readonly [string, string] | null
    const rows = (await ctx.offers.load(c3SupplierId, { limit: page.limit, after })) ?? []
    return {
      ...connection(rows, page, (row) => [row.normalNumber, row.id]),
      count: async () => (await ctx.offerCounts.load(c3SupplierId)) ?? 0,
    }
  },
}

export const supplierQueries: Pick<QueryResolvers, 'suppliers' | 'supplier'> = {
  supplier: (_, { id }, ctx) => ctx.suppliers.load(id),

  suppliers: async (_, { isApproved: asked, ...args }, ctx) => {
    const page = keyset(args, 2)
    const isApproved = asked ?? null
    const after = page.after as readonly [string, string] | null
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      supplierPage(tx, ctx.orgId, { isApproved, limit: page.limit, after }),
    )
    return {
      ...connection(rows, page, (row) => [row.name, row.id]),
      count: () => ctx.db.read(ctx.orgId, (tx) => countSuppliers(tx, ctx.orgId, isApproved)),
    }
  },
}
