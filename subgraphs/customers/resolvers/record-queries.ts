import type { QueryResolvers } from '#schema/generated/customers.types.ts'
import { pageOfAll } from './child-pages.ts'
import { allRenewals } from './renewal-pages.ts'

/** Root fields of people, deals, tickets, tasks and notes. */
export const recordQueries = {
  deal: (_, { id }, ctx) => ctx.records.deals.byId.load(id),
  contact: (_, { id }, ctx) => ctx.records.contacts.byId.load(id),
  ticket: (_, { id }, ctx) => ctx.records.tickets.byId.load(id),
  task: (_, { id }, ctx) => ctx.records.tasks.byId.load(id),
  note: (_, { id }, ctx) => ctx.records.notes.byId.load(id),
  renewals: (_, asked, ctx) => allRenewals(ctx, asked),
  tickets: (_, { filter, ...args }, ctx) =>
    pageOfAll(ctx, 'tickets', { order: 'newest', filter: filter ?? {} }, args),
  tasks: (_, { filter, ...args }, ctx) =>
    pageOfAll(ctx, 'tasks', { order: 'soonest', filter: filter ?? {} }, args),
} satisfies QueryResolvers
