import { readEvent } from '#schema/events.ts'
import type { SubscriptionResolvers } from '#schema/generated/customers.types.ts'
import { freshLoader } from '#service/loader.ts'
import { fromLog } from '#service/subscriptions.ts'
import type { Context } from '../context.ts'
import { childrenById } from '../store/children.ts'
import { customersById } from '../store/customers.ts'
import { bulkSubscriptions } from './bulk.ts'
import { identitySubscriptions } from './identities.ts'

export const Subscription: SubscriptionResolvers = {
  ...bulkSubscriptions,
  ...identitySubscriptions,

  dealStageChanged: {
    subscribe: (_, { customerId, after }, ctx) =>
      fromLog(ctx, {
        names: ['customers.deal.changed'],
        after,
        toValue: async (event) => {
          const told = readEvent('customers.deal.changed', event.version, event.payload)
          const hasMoved = told.previousStage !== null && told.previousStage !== told.stage && !told.deleted
          if (!hasMoved || (customerId && !(await isOf(ctx, told.customerId, customerId)))) return null
          // Not by the request's loader: it would remember the deal of the first event for the life of the subscription.
          const found = await ctx.db.read(ctx.orgId, (tx) =>
            childrenById(tx, ctx.orgId, 'deals', [told.dealId]),
          )
          const deal = found.get(told.dealId) ?? null
          // The stage it moved to, even when it has moved on meanwhile: each move is told once.
          return (
            deal && {
              ...deal,
              stage: told.stage,
              stage_label: told.stageLabel ?? labelOf(deal, told.stage),
              previous_stage: told.previousStage,
              previous_stage_label: told.previousStageLabel ?? null,
              stage_changed_at: new Date(told.observedAt),
            }
          )
        },
      }),
  },

  ticketOpened: {
    subscribe: (_, { customerId, after }, ctx) =>
      fromLog(ctx, {
        names: ['customers.ticket.changed'],
        after,
        toValue: async (event) => {
          const told = readEvent('customers.ticket.changed', event.version, event.payload)
          const isFresh = Date.parse(told.observedAt) - Date.parse(told.createdAt) < FRESH_MS
          if (!told.isNew || told.deleted || !isFresh) return null
          if (customerId && !(await isOf(ctx, told.customerId, customerId))) return null
          const found = await ctx.db.read(ctx.orgId, (tx) =>
            childrenById(tx, ctx.orgId, 'tickets', [told.ticketId]),
          )
          return found.get(told.ticketId) ?? null
        },
      }),
  },

  customerChanged: {
    subscribe: (_, { id, after }, ctx) => {
      // Not by the request's loader: it would remember the customer of the first event for the life of the subscription.
      const customers = freshLoader((ids: readonly string[]) =>
        ctx.db.read(ctx.orgId, (tx) => customersById(tx, ctx.orgId, ids)),
      )
      return fromLog(ctx, {
        names: [
          'customers.company.changed',
          'customers.contact.changed',
          'customers.deal.changed',
          'customers.ticket.changed',
          'customers.identity.changed',
          'customers.customer.changed',
        ],
        after,
        toValue: async (event) => {
          const { customerId } = event.payload as { customerId: string | null }
          if (!customerId) return null
          const [customer, wanted] = await Promise.all([
            customers.load(customerId),
            id ? customers.load(id) : undefined,
          ])
          return id && customer?.id !== wanted?.id ? null : customer
        },
      })
    },
  },
}

/** A ticket that is older when the hub meets it is history: somebody opened it long before anybody was listening. */
const FRESH_MS = 2 * 86_400_000

/** Whether two ids name one customer: either may have been merged into the other since. */
const isOf = async (ctx: Context, of: string | null, wanted: string): Promise<boolean> => {
  if (of === null) return false
  if (of === wanted) return true
  const found = await ctx.db.read(ctx.orgId, (tx) => customersById(tx, ctx.orgId, [of, wanted]))
  return found.get(of) !== undefined && found.get(of)?.id === found.get(wanted)?.id
}

const labelOf = (deal: { stage: string; stage_label: string | null }, stage: string): string | null =>
  deal.stage === stage ? deal.stage_label : null
