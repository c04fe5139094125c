import { readEvent } from '#schema/events.ts'
import type { MutationResolvers, SubscriptionResolvers } from '#schema/generated/customers.types.ts'
import { isRefusal, missing, stale } from '#service/refusal.ts'
import { fromLog } from '#service/subscriptions.ts'
import { linkIdentity } from '../commands/link-identity.ts'
import { takeApart } from '../commands/take-apart.ts'
import type { Context } from '../context.ts'
import { nameOfKey } from '../domain/matching/resolve.ts'
import { customersById } from '../store/customers.ts'
import { externalIdsOf } from '../store/identity-links.ts'
import { portalId } from '../store/portal-ids.ts'

const takenApart = async (ctx: Context, answer: Awaited<ReturnType<typeof takeApart>>) => {
  if (isRefusal(answer)) return answer
  const [customer, apart] = await ctx.customers.loadMany([answer.customerId, answer.apartId])
  // Gone in the moment since: somebody has taken or deleted its last account.
  if (!customer || !apart) return missing('The customer')
  return { __typename: 'TakenApart' as const, customer, apart, receipt: answer.receipt }
}

export const identityMutations = {
  linkIdentity: async (_, args, ctx) => {
    const linked = await linkIdentity(ctx, args)
    if ('missing' in linked) return missing(linked.missing)
    if ('currentVersion' in linked) return stale('The customer', linked.currentVersion)
    const customer = await ctx.customers.load(linked.customerId)
    // Gone in the moment since: its last account was taken away.
    return customer ? { __typename: 'Linked', customer, receipt: linked.receipt } : missing('The customer')
  },

  unlinkIdentity: async (_, { account, ...ask }, ctx) =>
    takenApart(
      ctx,
      await takeApart(ctx, { action: 'unlinkIdentity', field: 'account', accounts: [account], ...ask }),
    ),

  splitCustomer: async (_, ask, ctx) =>
    takenApart(ctx, await takeApart(ctx, { action: 'splitCustomer', field: 'accounts', ...ask })),
} satisfies MutationResolvers

export const identitySubscriptions = {
  identityChanged: {
    subscribe: (_, { customerId, after }, ctx) =>
      fromLog(ctx, {
        names: ['customers.identity.changed'],
        after,
        toValue: async (event) => {
          const told = readEvent('customers.identity.changed', event.version, event.payload)
          const keys = [...told.accounts, ...(told.was ?? [])]
          // Not by the request's loaders: they would remember the first event's customer for the life of the subscription.
          const { found, ids } = await ctx.db.read(ctx.orgId, async (tx) => ({
            found: await customersById(tx, ctx.orgId, [told.customerId, ...(customerId ? [customerId] : [])]),
            ids: await externalIdsOf(tx, ctx.orgId, keys),
          }))
          const customer = found.get(told.customerId)
          const isAskedFor =
            !customerId || told.customerId === customerId || customer?.id === found.get(customerId)?.id
          if (!customer || !isAskedFor) return null
          const shown = (accounts: typeof keys) =>
            accounts.map((key) => ({ system: key.system, accountId: portalId(ids.get(nameOfKey(key))) }))
          return {
            ...{ customer, customerId: told.customerId, mergedInto: told.mergedInto },
            ...{ version: told.identityVersion, was: told.was ? shown(told.was) : null },
            now: shown(told.accounts),
          }
        },
      }),
  },
} satisfies SubscriptionResolvers
