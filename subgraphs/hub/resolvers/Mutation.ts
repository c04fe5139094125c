import type { MutationResolvers } from '#schema/generated/hub.types.ts'
import { createApiKey } from '../commands/create-api-key.ts'
import { revokeApiKey } from '../commands/revoke-api-key.ts'
import { logLevelMutations } from './log-levels.ts'

export const Mutation: MutationResolvers = {
  ...logLevelMutations,
  createApiKey: (_, wish, ctx) => createApiKey(ctx, wish),
  revokeApiKey: (_, { id }, ctx) => revokeApiKey(ctx, id),
}
