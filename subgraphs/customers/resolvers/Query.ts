import { isId } from '#kernel/ids.ts'
import { connection, keyset } from '#service/connection.ts'
import type { Context } from '../context.ts'
import {
  type CustomerFilter,
  type CustomerOrder,
  countCustomers,
  listCustomers,
  PLACE_LENGTH,
  placeOf,
} from '../store/customers.ts'

interface ListArgs {
  filter?: CustomerFilter | null
  orderBy: CustomerOrder
  first: number
  after?: string | null
}

export const Query = {
  customer: (_: unknown, { id }: { id: string }, ctx: Context) => ctx.customers.load(id),
  deal: (_: unknown, { id }: { id: string }, ctx: Context) => ctx.deals.load(id),
  contact: (_: unknown, { id }: { id: string }, ctx: Context) => ctx.contacts.load(id),

  customers: async (_: unknown, { filter: asked, orderBy: order, ...args }: ListArgs, ctx: Context) => {
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
      totalCount: () =>
        isPossible ? ctx.db.read(ctx.orgId, (tx) => countCustomers(tx, ctx.orgId, filter)) : 0,
    }
  },
}
