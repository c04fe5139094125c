import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { event } from '#schema/events.ts'
import { audit } from '#service/audit.ts'
import {
  type InvalidRefusal,
  invalid,
  type MissingRefusal,
  missing,
  type StaleRefusal,
  stale,
} from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { checkKey } from '../domain/api-key.ts'
import { type ApiKeyRow, lockApiKey, writeApiKey } from '../store/api-keys.ts'

export interface ApiKeyUpdated {
  __typename: 'ApiKeyUpdated'
  apiKey: ApiKeyRow
}

/** Changes what a key may do, and tells those who remember it. Whoever changes it must be allowed all that it may do then. */
export const updateApiKey = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock' | 'published'>,
  asked: {
    id: string
    expectedVersion: number
    name?: string | null | undefined
    scopes?: readonly string[] | null | undefined
    expiresAt?: Date | null | undefined
    customerIds?: readonly string[] | null | undefined
  },
): Promise<ApiKeyUpdated | MissingRefusal | StaleRefusal | InvalidRefusal> => {
  const { id } = asked
  if (!isId(id)) return missing('The key')
  const { orgId, principal } = ctx
  const at = ctx.clock.now()
  const answer = await ctx.db.transaction(orgId, async (tx) => {
    const before = await lockApiKey(tx, orgId, id)
    if (!before) return missing('The key')
    if (before.revokedAt) return invalid('id', 'The key was taken back. Make another one.', 'REVOKED')
    if (before.version !== asked.expectedVersion) return stale('The key', before.version)
    const next = {
      id,
      name: (asked.name ?? before.name).trim(),
      scopes: [...new Set(asked.scopes ?? before.scopes)],
      expiresAt: asked.expiresAt === undefined ? before.expiresAt : asked.expiresAt,
      customerIds: asked.customerIds === undefined ? before.customerIds : asked.customerIds,
    }
    const isSame = (Object.keys(next) as (keyof typeof next)[]).every(
      (name) => JSON.stringify(next[name]) === JSON.stringify(before[name]),
    )
    if (isSame) return { __typename: 'ApiKeyUpdated' as const, apiKey: before }
    const fault = checkKey(next, principal, at)
    if (fault) return invalid(fault.field, fault.message, fault.code)
    const customerIds = next.customerIds && [...new Set(next.customerIds)]
    const apiKey = await writeApiKey(tx, orgId, { ...next, customerIds, version: before.version })
    const subject = { type: 'ApiKey', id }
    const change = { before: { ...before }, after: { ...apiKey } }
    await audit(tx, { orgId, principal, action: 'updateApiKey', subject, ...change, at })
    await publish(tx, orgId, [event('hub.key.changed', id, { keyId: id })], at)
    return { __typename: 'ApiKeyUpdated' as const, apiKey }
  })
  ctx.published()
  return answer
}
