import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { event } from '#schema/events.ts'
import { audit } from '#service/audit.ts'
import { type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { type ApiKeyRow, apiKeysById, markRevoked } from '../store/api-keys.ts'

export interface ApiKeyRevoked {
  __typename: 'ApiKeyRevoked'
  apiKey: ApiKeyRow
}

/** Takes a key back, and tells those who remember it. Taking it back again changes nothing and says the same. */
export const revokeApiKey = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock' | 'published'>,
  id: string,
): Promise<ApiKeyRevoked | MissingRefusal> => {
  if (!isId(id)) return missing('The key')
  const { orgId, principal } = ctx
  const at = ctx.clock.now()
  const apiKey = await ctx.db.transaction(orgId, async (tx) => {
    const revoked = await markRevoked(tx, orgId, id, at)
    if (!revoked) return (await apiKeysById(tx, orgId, [id]))[0]
    const subject = { type: 'ApiKey', id }
    const before = { ...revoked, revokedAt: null }
    await audit(tx, { orgId, principal, action: 'revokeApiKey', subject, before, after: { ...revoked }, at })
    await publish(tx, orgId, [event('hub.key.revoked', id, { keyId: id })], at)
    return revoked
  })
  ctx.published()
  return apiKey ? { __typename: 'ApiKeyRevoked', apiKey } : missing('The key')
}
