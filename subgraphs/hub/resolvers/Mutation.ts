import type { MutationResolvers } from '#schema/generated/hub.types.ts'
import { keyMutations } from './api-keys.ts'
import { conversationMutations } from './conversations.ts'
import { limitMutations } from './limits.ts'
import { logLevelMutations } from './log-levels.ts'
import { memberMutations } from './members.ts'
import { webhookMutations } from './webhooks.ts'

export const Mutation: MutationResolvers = {
  ...keyMutations,
  ...limitMutations,
  ...memberMutations,
  ...webhookMutations,
  ...conversationMutations,
  ...logLevelMutations,
}
