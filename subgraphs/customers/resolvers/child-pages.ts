import { connection, keyset, type PageArgs } from '#service/connection.ts'
import type { Context } from '../context.ts'
import type { ContactRow, DealRow, TicketRow } from '../store/children.ts'

export interface OpenArgs extends PageArgs {
  open?: boolean | null
}

const asked = ({ open = null, ...args }: OpenArgs) => {
  const page = keyset(args, 2)
  return { page, query: { open, limit: page.limit, after: page.after } }
}

/** A page of a customer's people, by name. The count is only made when it is asked for. */
export const contactPage = async (ctx: Context, customerId: string, args: PageArgs) => {
  const { page, query } = asked(args)
  const rows = (await ctx.contactPages.load(customerId, query)) ?? []
  return {
    ...connection(rows, page, (row: ContactRow) => [row.name_key, row.id]),
    totalCount: async () => (await ctx.childCounts.load(customerId, { type: 'contacts', open: null })) ?? 0,
  }
}

/** A page of a customer's deals, newest first. */
export const dealPage = async (ctx: Context, customerId: string, args: OpenArgs) => {
  const { page, query } = asked(args)
  const rows = (await ctx.dealPages.load(customerId, query)) ?? []
  return {
    ...connection(rows, page, placeInTime),
    totalCount: async () =>
      (await ctx.childCounts.load(customerId, { type: 'deals', open: query.open })) ?? 0,
  }
}

/** A page of a customer's tickets, newest first. */
export const ticketPage = async (ctx: Context, customerId: string, args: OpenArgs) => {
  const { page, query } = asked(args)
  const rows = (await ctx.ticketPages.load(customerId, query)) ?? []
  return {
    ...connection(rows, page, placeInTime),
    totalCount: async () =>
      (await ctx.childCounts.load(customerId, { type: 'tickets', open: query.open })) ?? 0,
  }
}

const placeInTime = (row: DealRow | TicketRow) => [row.source_created_at.toISOString(), row.id]
