import { isId } from '#kernel/ids.ts'
import type { ApiKeyResolvers, MutationResolvers, QueryResolvers } from '#schema/generated/hub.types.ts'
import { connection, isMoment, isText, keyset, placeOf } from '#service/connection.ts'
import { isPast } from '#service/noticing.ts'
import { createApiKey } from '../commands/create-api-key.ts'
import { revokeApiKey } from '../commands/revoke-api-key.ts'
import { rotateApiKey } from '../commands/rotate-api-key.ts'
import { updateApiKey } from '../commands/update-api-key.ts'
import { stateOf } from '../domain/api-key.ts'
import { apiKeys, keysPage } from '../store/api-keys.ts'

export const ApiKey: ApiKeyResolvers = {
  __resolveReference: async ({ id }, ctx) => (isId(id) ? ctx.apiKeys.load(id) : null),
  state: (key, _, { clock }) => stateOf(key, clock.now()),
  previousSecretUntil: ({ previousUntil }, _, { clock }) =>
    previousUntil && !isPast(clock, previousUntil) ? previousUntil : null,
}

export const keyQueries: Pick<QueryResolvers, 'apiKeys' | 'keys'> = {
  apiKeys: (_, _args, { db, orgId }) => db.read(orgId, (tx) => apiKeys(tx, orgId)),
  keys: async (_, { filter, ...args }, { db, orgId, clock }) => {
    const page = keyset(args, 2)
    const after = placeOf(page.after, isMoment, isText)
    const wish = { ...filter, now: clock.now(), after, limit: page.limit }
    const rows = await db.read(orgId, (tx) => keysPage(tx, orgId, wish))
    return connection(rows, page, ({ createdAt, id }) => [createdAt.toISOString(), id])
  },
}

export const keyMutations: Pick<
  MutationResolvers,
  'createApiKey' | 'revokeApiKey' | 'rotateApiKey' | 'updateApiKey'
> = {
  createApiKey: (_, wish, ctx) => createApiKey(ctx, wish),
  revokeApiKey: (_, { id }, ctx) => revokeApiKey(ctx, id),
  rotateApiKey: (_, wish, ctx) => rotateApiKey(ctx, wish),
  updateApiKey: (_, wish, ctx) => updateApiKey(ctx, wish),
}
