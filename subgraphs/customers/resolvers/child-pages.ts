import { type CountedPage, connection, keyset, type PageArgs } from '#service/connection.ts'
import type { Context } from '../context.ts'
import type { ContactRow, DealRow, TicketRow } from '../store/children.ts'

export interface OpenArgs extends PageArgs {
  open?: boolean | null
}

const asked = ({ open = null, ...args }: OpenArgs) => {
  const page = keyset(args, 2)
  return { page, query: { open, limit: page.limit, after: page.after } }
}

const counting =
  (ctx: Context, customerId: string, type: 'contacts' | 'deals' | 'tickets', open: boolean | null) =>
  async (): Promise<number> =>
    (await ctx.childCounts.load(customerId, { type, open })) ?? 0

/** A page of a customer's people, by name. The count is only made when it is asked for. */
export const contactPage = async (
  ctx: Context,
  customerId: string,
  args: PageArgs,
): Promise<CountedPage<ContactRow>> => {
  const { page, query } = asked(args)
  const rows = (await ctx.contactPages.load(customerId, query)) ?? []
  return {
    ...connection(rows, page, (row) => [row.name_key, row.id]),
    count: counting(ctx, customerId, 'contacts', null),
  }
}

/** A page of a customer's deals, newest first. */
export const dealPage = async (
  ctx: Context,
  customerId: string,
  args: OpenArgs,
): Promise<CountedPage<DealRow>> => {
  const { page, query } = asked(args)
  const rows = (await ctx.dealPages.load(customerId, query)) ?? []
  return {
    ...connection(rows, page, placeInTime),
    count: counting(ctx, customerId, 'deals', query.open),
  }
}

/** A page of a customer's tickets, newest first. */
export const ticketPage = async (
  ctx: Context,
  customerId: string,
  args: OpenArgs,
): Promise<CountedPage<TicketRow>> => {
  const { page, query } = asked(args)
  const rows = (await ctx.ticketPages.load(customerId, query)) ?? []
  return {
    ...connection(rows, page, placeInTime),
    count: counting(ctx, customerId, 'tickets', query.open),
  }
}

const placeInTime = (row: DealRow | TicketRow) => [row.source_created_at.toISOString(), row.id]
