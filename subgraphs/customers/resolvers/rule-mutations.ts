import type { MutationResolvers } from '#schema/generated/customers.types.ts'
import { invalid, missing, stale } from '#service/refusal.ts'
import { setRenewalStages } from '../commands/set-renewal-stages.ts'

/** Changes of what a portal's own words mean here. */
export const ruleMutations = {
  setRenewalStages: async (_, { stages, ...ask }, ctx) => {
    const set = await setRenewalStages(ctx, {
      ...ask,
      stages: stages.map((stage) => ({ ...stage, renewalStage: stage.renewalStage ?? null })),
    })
    if ('missing' in set) return missing(set.missing)
    if ('invalid' in set) return invalid('stages', set.invalid)
    if ('currentVersion' in set) return stale('What stages say of renewals', set.currentVersion)
    return { __typename: 'RenewalStagesSet', integration: { id: ask.integrationId }, receipt: set.receipt }
  },
} satisfies MutationResolvers
