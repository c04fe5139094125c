import type { MutationResolvers } from '#schema/generated/hub.types.ts'
import { createApiKey } from '../commands/create-api-key.ts'
import { revokeApiKey } from '../commands/revoke-api-key.ts'
import { limitMutations } from './limits.ts'

export const Mutation: MutationResolvers = {
  createApiKey: (_, wish, ctx) => createApiKey(ctx, wish),
  revokeApiKey: (_, { id }, ctx) => revokeApiKey(ctx, id),
  ...limitMutations,
}
