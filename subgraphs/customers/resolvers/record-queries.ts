import type { QueryResolvers } from '#schema/generated/customers.types.ts'
import { connection, isOurId, isText, keyset, placeOf } from '#service/connection.ts'
import { sumAllDeals } from '../store/children.ts'
import { companiesAfter } from '../store/companies.ts'
import { countOwners, listOwners } from '../store/owners.ts'
import { pageById, pageOfAll } from './child-pages.ts'
import { allRenewals } from './renewal-pages.ts'

/** Root fields of people, deals, tickets, tasks, notes and the colleagues who own them. */
export const recordQueries = {
  deal: (_, { id }, ctx) => ctx.records.deals.byId.load(id),
  contact: (_, { id }, ctx) => ctx.records.contacts.byId.load(id),
  ticket: (_, { id }, ctx) => ctx.records.tickets.byId.load(id),
  task: (_, { id }, ctx) => ctx.records.tasks.byId.load(id),
  note: (_, { id }, ctx) => ctx.records.notes.byId.load(id),
  companies: async (_, args, ctx) => {
    const page = keyset(args, 1)
    const [after = null] = placeOf(page.after, isOurId) ?? []
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      companiesAfter(tx, ctx.orgId, { after, limit: page.limit }),
    )
    return connection(rows, page, ({ id }) => [id])
  },
  contacts: (_, args, ctx) => pageById(ctx, 'contacts', {}, args),
  notes: (_, args, ctx) => pageById(ctx, 'notes', {}, args),
  deals: async (_, { open, name, ...args }, ctx) => {
    const filter = { open: open ?? null, name: name ?? null }
    return {
      ...(await pageById(ctx, 'deals', filter, args)),
      sums: () => ctx.db.read(ctx.orgId, (tx) => sumAllDeals(tx, ctx.orgId, filter)),
    }
  },
  owners: async (_, { search, active, ...args }, ctx) => {
    const page = keyset(args, 2)
    const filter = { search: search ?? null, active: active ?? null }
    const rows = await ctx.db.read(ctx.orgId, (tx) =>
      listOwners(tx, ctx.orgId, filter, { after: placeOf(page.after, isText, isOurId), limit: page.limit }),
    )
    return {
      ...connection(rows, page, ({ key, id }) => [key, id]),
      count: () => ctx.db.read(ctx.orgId, (tx) => countOwners(tx, ctx.orgId, filter)),
    }
  },
  renewals: (_, asked, ctx) => allRenewals(ctx, asked),
  tickets: (_, { filter, ...args }, ctx) =>
    pageOfAll(ctx, 'tickets', { order: 'newest', filter: filter ?? {} }, args),
  tasks: (_, { filter, ...args }, ctx) =>
    pageOfAll(ctx, 'tasks', { order: 'soonest', filter: filter ?? {} }, args),
} satisfies QueryResolvers
