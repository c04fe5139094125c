import { type CountedPage, connection, isOurId, keyset, type PageArgs, placeOf } from '#service/connection.ts'
import type { Context } from '../context.ts'
import type { ChildType } from '../domain/kinds.ts'
import type { ChildFilter } from '../store/child-filters.ts'
import { ORDERS, type OrderName } from '../store/child-orders.ts'
import type { ChildRows } from '../store/child-rows.ts'
import type { PartedType } from '../store/child-shapes.ts'
import { childrenAfter, countAll, listChildren, type ParentType } from '../store/children.ts'
import type { DealConnectionRow } from '../store/pages.ts'
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

/** A page of all records of a kind. */
export const pageOfAll = async <T extends PartedType>(
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

/** A page of all records of a kind in the order of their ids, which nothing changes. */
export const pageById = async <T extends ChildType>(
  ctx: Context,
  type: T,
  filter: ChildFilter,
  args: PageArgs,
): Promise<CountedPage<ChildRows[T]>> => {
  const page = keyset(args, 1)
  const [after = null] = placeOf(page.after, isOurId) ?? []
  const rows = await ctx.db.read(ctx.orgId, (tx) =>
    childrenAfter(tx, ctx.orgId, type, { filter, after, limit: page.limit }),
  )
  return {
    ...connection(rows, page, ({ id }) => [id]),
    count: () => ctx.db.read(ctx.orgId, (tx) => countAll(tx, ctx.orgId, type, filter)),
  }
}

type Parent = { id: string }
interface Filtered extends PageArgs {
  filter?: ChildFilter | null
}

/** The resolver of the people of a kind of parent, by name. */
export const contactsOf =
  (of: ParentType) =>
  ({ id }: Parent, args: PageArgs, ctx: Context) =>
    pageOf(ctx, 'contacts', { of, id }, { order: 'name' }, args)

interface Opened extends PageArgs {
  open?: boolean | null
}

/** A page of the deals of one parent, which can tell what all of them are worth. */
export const dealPage = async (
  ctx: Context,
  parent: { of: ParentType; id: string },
  asked: Asked,
  args: PageArgs,
): Promise<DealConnectionRow> => ({
  ...(await pageOf(ctx, 'deals', parent, asked, args)),
  sums: async () =>
    (await ctx.records.dealSums.load(parent.id, { of: parent.of, filter: asked.filter ?? {} })) ?? [],
})

/** The resolver of the deals of a kind of parent, newest first. */
export const dealsOf =
  (of: ParentType) =>
  ({ id }: Parent, { open, ...args }: Opened, ctx: Context) =>
    dealPage(ctx, { of, id }, { order: 'newest', filter: { open: open ?? null } }, args)

/** The resolver of the tickets of a kind of parent, newest first. */
export const ticketsOf =
  (of: ParentType) =>
  ({ id }: Parent, { open, filter, ...args }: Opened & Filtered, ctx: Context) =>
    pageOf(
      ctx,
      'tickets',
      { of, id },
      { order: 'newest', filter: { ...filter, open: open ?? filter?.open ?? null } },
      args,
    )

/** The resolver of the tasks of a kind of parent, soonest first. */
export const tasksOf =
  (of: ParentType) =>
  ({ id }: Parent, { filter, ...args }: Filtered, ctx: Context) =>
    pageOf(ctx, 'tasks', { of, id }, { order: 'soonest', filter: filter ?? {} }, args)

/** The resolver of the notes about a kind of parent, newest first. */
export const notesOf =
  (of: ParentType) =>
  ({ id }: Parent, args: PageArgs, ctx: Context) =>
    pageOf(ctx, 'notes', { of, id }, { order: 'noted' }, args)
