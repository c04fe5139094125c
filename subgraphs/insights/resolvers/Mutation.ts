import type { MutationResolvers } from '#schema/generated/insights.types.ts'
import { churnMutations } from './churn.ts'
import { enrichmentMutations } from './enrichment.ts'
import { insightMutations } from './insights.ts'
import { recomputeMutations } from './recompute.ts'
import { settingsMutations } from './settings.ts'
import { signalMutations } from './signals.ts'

export const Mutation: MutationResolvers = {
  ...settingsMutations,
  ...recomputeMutations,
  ...enrichmentMutations,
  ...insightMutations,
  ...signalMutations,
  ...churnMutations,
}
