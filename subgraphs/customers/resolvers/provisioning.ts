import type { MutationResolvers, QueryResolvers } from '#schema/generated/customers.types.ts'
import { isRefusal } from '#service/refusal.ts'
import { planPortal } from '../commands/plan-portal.ts'
import { provisionPortal } from '../commands/provision-portal.ts'
import { type Item, problemsOf } from '../domain/provisioning.ts'

const shown = (items: readonly Item[]) => ({
  items: items.map(({ type, ...item }) => ({ ...item, objectType: type })),
  problems: problemsOf(items).map(({ type, ...problem }) => ({ ...problem, objectType: type })),
})

/** What can be asked about provisioning portals. */
export const provisioningQueries = {
  planProvisioning: async (_, { integrationId }, ctx) => {
    const answer = await planPortal(ctx, integrationId)
    if (isRefusal(answer)) return answer
    const { hash, requests, items } = answer.plan
    return { __typename: 'ProvisioningPlan', hash, requests, ...shown(items) }
  },
} satisfies QueryResolvers

/** Provisioning portals. */
export const provisioningMutations = {
  provisionHubSpot: async (_, { integrationId, planHash }, ctx) => {
    const answer = await provisionPortal(ctx, { integrationId, planHash: planHash ?? null })
    if (isRefusal(answer)) return answer
    const { items, ...provisioned } = answer
    return { __typename: 'HubSpotProvisioned', ...provisioned, ...shown(items) }
  },
} satisfies MutationResolvers
