import type { MutationResolvers } from '#schema/generated/inventory.types.ts'
import { conflictMutations } from './C3Conflict.ts'
import { connectionMutations } from './connection-mutations.ts'
import { controlMutations } from './control.ts'
import { policyMutations } from './policy.ts'
import { recommendationMutations } from './Recommendation.ts'
import { stockMutations } from './reservations.ts'
import { rfqMutations } from './rfq-life.ts'
import { levelMutations } from './stock-alerts.ts'
import { webhookMutations } from './webhooks.ts'

export const Mutation: MutationResolvers = {
  ...connectionMutations,
  ...stockMutations,
  ...rfqMutations,
  ...recommendationMutations,
  ...controlMutations,
  ...conflictMutations,
  ...policyMutations,
  ...levelMutations,
  ...webhookMutations,
}
