import type {
  ComponentResolvers,
  ComponentSourceResolvers,
  QueryResolvers,
} from '#schema/generated/inventory.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { baseNumber, normalNumber, understand } from '../domain/part-numbers.ts'
import { componentPage, componentsByBase, countComponents } from '../store/components.ts'
import { componentAdvice } from './advice.ts'
import { componentRecommendations } from './Recommendation.ts'
import { componentLevel } from './stock-alerts.ts'

export const Component: ComponentResolvers = {
  ...componentAdvice,
  ...componentLevel,
  recommendations: componentRecommendations,
  __resolveReference: ({ id }, ctx) => ctx.components.load(id),

  averageCost: ({ averageCost, currency }) =>
    averageCost === null || currency === null ? null : { amount: averageCost, currency },

  stock: async ({ id }, args, ctx) => {
    const page = keyset(args, 2)
    const after = page.after as readonly [string, string] | null
    const rows = (await ctx.stockPages.load(id, { limit: page.limit, after })) ?? []
    return {
      ...connection(rows, page, (row) => [row.location, row.id]),
      count: async () => (await ctx.stockCounts.load(id)) ?? 0,
    }
  },

  // C3 tells costs of sources without a currency: they are in that of its stock, where that is in one.
  sources: ({ sources, currency }) => sources.map((source) => ({ ...source, currency })),
}

export const ComponentSource: ComponentSourceResolvers = {
  c3SupplierId: ({ supplierId }) => supplierId,
  supplier: ({ supplierId }, _, ctx) => ctx.suppliersOfC3.load(supplierId),
  unitCost: ({ unitCost, currency }) => (currency === null ? null : { amount: unitCost, currency }),
}

export const componentQueries: Pick<QueryResolvers, 'components' | 'component'> = {
  components: async (_, { search, filter, ...args }, ctx) => {
    const page = keyset(args, 3)
    const choice = {
      search: search ?? null,
      category: filter?.category ?? null,
      family: filter?.family ?? null,
      manufacturer: filter?.manufacturer ?? null,
      lifecycle: filter?.lifecycle ?? null,
      inStock: filter?.inStock ?? null,
      isLow: filter?.isLow ?? null,
    }
    const after = page.after as readonly [number, string, string] | null
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      componentPage(tx, ctx.orgId, choice, { limit: page.limit, after }),
    )
    return {
      ...connection(rows, page, (row) => [row.rank, row.normalNumber, row.id]),
      count: () => ctx.db.read(ctx.orgId, (tx) => countComponents(tx, ctx.orgId, choice)),
    }
  },

  component: async (_, { partNumber, manufacturer }, ctx) => {
    if (normalNumber(partNumber) === '') return null
    const known = await ctx.db.read(ctx.orgId, (tx) =>
      componentsByBase(tx, ctx.orgId, [baseNumber(partNumber)]),
    )
    const { componentId } = understand({ partNumber, manufacturer: manufacturer ?? '' }, known)
    return componentId ? ctx.components.load(componentId) : null
  },
}
