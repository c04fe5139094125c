import type { MutationResolvers } from '#schema/generated/customers.types.ts'
import { isRefusal } from '#service/refusal.ts'
import { pushHealth } from '../commands/push-health.ts'

/** What the hub writes into portals of its own accord, asked for now. */
export const writerMutations = {
  pushHealthScores: async (_, { integrationId }, ctx) => {
    const pushed = await pushHealth(ctx, integrationId ?? null)
    if (isRefusal(pushed)) return pushed
    const { integrationId: id, ...rest } = pushed
    return { __typename: 'HealthScoresPushed', ...rest, integration: { id } }
  },
} satisfies MutationResolvers
