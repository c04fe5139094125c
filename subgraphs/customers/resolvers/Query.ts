import { isId } from '#kernel/ids.ts'
import type { QueryResolvers } from '#schema/generated/customers.types.ts'
import { connection, keyset } from '#service/connection.ts'
import { countCustomers, listCustomers, PLACE_LENGTH, placeOf } from '../store/customers.ts'

export const Query: QueryResolvers = {
  customer: (_, { id }, ctx) => ctx.customers.load(id),
  deal: (_, { id }, ctx) => ctx.records.deals.byId.load(id),
  contact: (_, { id }, ctx) => ctx.records.contacts.byId.load(id),

  customers: async (_, { filter: asked, orderBy: order, ...args }, ctx) => {
    const page = keyset(args, PLACE_LENGTH)
    const filter = asked ?? {}
    // An owner that cannot be ours owns nobody.
    const isPossible = !filter.ownerId || isId(filter.ownerId)
    const rows = isPossible
      ? await ctx.db.read(ctx.orgId, (tx) =>
          listCustomers(tx, ctx.orgId, { filter, order, limit: page.limit, after: page.after }),
        )
      : []
    return {
      ...connection(rows, page, (row) => placeOf(order, row)),
      count: async () =>
        isPossible ? await ctx.db.read(ctx.orgId, (tx) => countCustomers(tx, ctx.orgId, filter)) : 0,
    }
  },
}
