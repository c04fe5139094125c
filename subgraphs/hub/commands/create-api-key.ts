import { randomBytes } from 'node:crypto'
import { newId } from '#kernel/ids.ts'
import { byChance } from '#kernel/planning.ts'
import { audit } from '#service/audit.ts'
import type { Context } from '../context.ts'
import { checkKey, type KeyFault, keyFrom } from '../domain/api-key.ts'
import { type ApiKeyRow, insertApiKey } from '../store/api-keys.ts'

export interface ApiKeyCreated {
  __typename: 'ApiKeyCreated'
  apiKey: ApiKeyRow
  secret: string
}

/** Makes a key. The key itself is in the answer and nowhere else. */
export const createApiKey = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock'>,
  wish: { name: string; scopes: readonly string[] },
): Promise<ApiKeyCreated | KeyFault> => {
  const fault = checkKey(wish, ctx.principal)
  if (fault) return fault
  const { secret, prefix, hash } = keyFrom(randomBytes(32))
  byChance(prefix)
  byChance(hash)
  const { orgId, principal } = ctx
  const at = ctx.clock.now()
  const key = {
    id: newId(ctx.clock),
    name: wish.name.trim(),
    scopes: [...new Set(wish.scopes)],
    prefix,
    hash,
    createdBy: principal.id,
  }
  const apiKey = await ctx.db.transaction(orgId, async (tx) => {
    const made = await insertApiKey(tx, orgId, key, at)
    const subject = { type: 'ApiKey', id: made.id }
    await audit(tx, { orgId, principal, action: 'createApiKey', subject, after: { ...made }, at })
    return made
  })
  return { __typename: 'ApiKeyCreated', apiKey, secret }
}
