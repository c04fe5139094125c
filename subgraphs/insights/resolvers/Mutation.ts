import type { MutationResolvers } from '#schema/generated/insights.types.ts'
import { enrichmentMutations } from './enrichment.ts'
import { recomputeMutations } from './recompute.ts'
import { settingsMutations } from './settings.ts'

export const Mutation: MutationResolvers = {
  ...settingsMutations,
  ...recomputeMutations,
  ...enrichmentMutations,
}
