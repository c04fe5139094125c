import { type CountedPage, connection, keyset, type PageArgs } from '#service/connection.ts'
import type { Context } from '../context.ts'
import type { ChildType } from '../domain/kinds.ts'
import type { ChildFilter } from '../store/child-filters.ts'
import { ORDERS, type OrderName } from '../store/child-orders.ts'
import type { ChildRows } from '../store/child-rows.ts'
import { countAll, listChildren, type ParentType } from '../store/children.ts'
import type { RecordLoaders } from '../store/record-loaders.ts'

interface Asked {
  order: OrderName
  filter?: ChildFilter
}

/**
 * A page of the records of one parent. Parents of one request are answered together; the whole is only counted when somebody asks.
 * @param of what the parent is
 */
export const pageOf = async <T extends ChildType>(
  ctx: Context,
  type: T,
  parent: { of: ParentType; id: string },
  { order, filter = {} }: Asked,
  args: PageArgs,
): Promise<CountedPage<ChildRows[T]>> => {
  const { of, id } = parent
  const page = keyset(args, ORDERS[order].length)
  const loaders = ctx.records[type] as unknown as RecordLoaders<T>
  const rows =
    (await loaders.pages.load(id, { of, order, filter, limit: page.limit, after: page.after })) ?? []
  return {
    ...connection(rows, page, (row) => ORDERS[order].place({ ...row })),
    count: async () => (await loaders.counts.load(id, { of, filter })) ?? 0,
  }
}

/** A page of all deals or all tickets. */
export const pageOfAll = async <T extends 'deals' | 'tickets'>(
  ctx: Context,
  type: T,
  { order, filter = {} }: Asked,
  args: PageArgs,
): Promise<CountedPage<ChildRows[T]>> => {
  const page = keyset(args, ORDERS[order].length)
  const { limit, after } = page
  const rows = await ctx.db.read(ctx.orgId, (tx) =>
    listChildren(tx, ctx.orgId, type, { order, filter, limit, after }),
  )
  return {
    ...connection(rows, page, (row) => ORDERS[order].place({ ...row })),
    count: () => ctx.db.read(ctx.orgId, (tx) => countAll(tx, ctx.orgId, type, filter)),
  }
}
