import { isId } from '#kernel/ids.ts'
import type {
  HubSpotIntegrationResolvers,
  MutationResolvers,
  QueryResolvers,
} from '#schema/generated/customers.types.ts'
import { keyset } from '#service/connection.ts'
import { isRefusal } from '#service/refusal.ts'
import { makeTwins } from '../commands/make-twins.ts'
import { previewTwins } from '../commands/preview-twins.ts'
import { setTwinPolicy } from '../commands/set-twin-policy.ts'
import { NO_TWINS } from '../domain/twins.ts'

export const twinFields = {
  twins: async ({ id = '' }, _, ctx) =>
    isId(id) && (await ctx.integrations.load(id)) ? ((await ctx.twinPolicies.load(id)) ?? NO_TWINS) : null,
} satisfies HubSpotIntegrationResolvers

export const twinQueries = {
  previewTwins: async (_, { integrationId, systems, conditions, first }, ctx) => {
    const ask = { integrationId, systems: systems ?? null, conditions: conditions ?? null }
    const preview = await previewTwins(ctx, { ...ask, most: keyset({ first }, 0).first })
    if (isRefusal(preview)) return preview
    const { customerIds, ...counts } = preview
    const customers = await ctx.customers.loadMany(customerIds)
    return { __typename: 'TwinPreview', ...counts, customers: customers.flatMap((one) => one ?? []) }
  },
} satisfies QueryResolvers

export const twinMutations = {
  setTwinPolicy: async (_, ask, ctx) => {
    const set = await setTwinPolicy(ctx, ask)
    if (isRefusal(set)) return set
    return { __typename: 'TwinPolicySet', integration: { id: set.integrationId }, receipt: set.receipt }
  },

  makeTwins: async (_, { integrationId }, ctx) => {
    const done = await makeTwins(ctx, integrationId)
    if (isRefusal(done)) return done
    const { made, hasMore, receipt } = done
    return { __typename: 'TwinsMade', integration: { id: integrationId }, made, hasMore, receipt }
  },
} satisfies MutationResolvers
