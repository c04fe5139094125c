import type { MutationResolvers } from '#schema/generated/customers.types.ts'
import { isRefusal, missing } from '#service/refusal.ts'
import { openAutoTicket } from '../commands/open-auto-ticket.ts'
import { pushHealth } from '../commands/push-health.ts'

/** What the hub writes into portals of its own accord, asked for now. */
export const writerMutations = {
  pushHealthScores: async (_, { integrationId }, ctx) => {
    const pushed = await pushHealth(ctx, integrationId ?? null)
    if (isRefusal(pushed)) return pushed
    const { integrationId: id, ...rest } = pushed
    return { __typename: 'HealthScoresPushed', ...rest, integration: { id } }
  },

  openAutoTicket: async (_, { input }, ctx) => {
    const opened = await openAutoTicket(ctx, input)
    if (isRefusal(opened)) return opened
    const ticket = await ctx.records.tickets.byId.load(opened.ticketId)
    if (!ticket) return missing('The ticket')
    return { __typename: 'AutoTicketOpened', ticket, isNew: opened.isNew, receipt: opened.receipt }
  },
} satisfies MutationResolvers
