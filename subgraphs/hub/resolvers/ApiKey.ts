import { isId } from '#kernel/ids.ts'
import type { ApiKeyResolvers } from '#schema/generated/hub.types.ts'

export const ApiKey: ApiKeyResolvers = {
  __resolveReference: async ({ id }, ctx) => (isId(id) ? ctx.apiKeys.load(id) : null),
}
