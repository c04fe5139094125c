import { randomBytes } from 'node:crypto'
import { newId } from '#kernel/ids.ts'
import { byChance } from '#kernel/planning.ts'
import { audit } from '#service/audit.ts'
import { type InvalidRefusal, invalid } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { checkKey, keyFrom, type NewKey } from '../domain/api-key.ts'
import { type ApiKeyRow, insertApiKey } from '../store/api-keys.ts'

export interface ApiKeyCreated {
  __typename: 'ApiKeyCreated'
  apiKey: ApiKeyRow
  secret: string
}

/** A secret that nobody can guess. */
export const newSecret = (): NewKey => {
  const made = keyFrom(randomBytes(32))
  byChance(made.prefix)
  byChance(made.hash)
  return made
}

/** Makes a key. The key itself is in the answer and nowhere else. */
export const createApiKey = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock'>,
  asked: {
    name: string
    scopes: readonly string[]
    expiresAt?: Date | null | undefined
    customerIds?: readonly string[] | null | undefined
  },
): Promise<ApiKeyCreated | InvalidRefusal> => {
  const { orgId, principal } = ctx
  const at = ctx.clock.now()
  const wish = { ...asked, expiresAt: asked.expiresAt ?? null, customerIds: asked.customerIds ?? null }
  const fault = checkKey(wish, principal, at)
  if (fault) return invalid(fault.field, fault.message, fault.code)
  const { secret, prefix, hash } = newSecret()
  const key = {
    id: newId(ctx.clock),
    name: wish.name.trim(),
    scopes: [...new Set(wish.scopes)],
    expiresAt: wish.expiresAt,
    customerIds: wish.customerIds && [...new Set(wish.customerIds)],
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
