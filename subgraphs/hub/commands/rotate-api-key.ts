import { publish } from '#events/outbox.ts'
import { isId } from '#kernel/ids.ts'
import { event } from '#schema/events.ts'
import { audit } from '#service/audit.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { stateOf } from '../domain/api-key.ts'
import { spelt } from '../domain/roles.ts'
import { type ApiKeyRow, lockApiKey, writeSecret } from '../store/api-keys.ts'
import { newSecret } from './create-api-key.ts'

export interface ApiKeyRotated {
  __typename: 'ApiKeyRotated'
  apiKey: ApiKeyRow
  secret: string
}

const HOUR_MS = 3_600_000
const MOST_HOURS = 168

/** Gives a key another secret. The former one works until the overlap is over. */
export const rotateApiKey = async (
  ctx: Pick<Context, 'db' | 'orgId' | 'principal' | 'clock' | 'published'>,
  { id, overlapHours }: { id: string; overlapHours: number },
): Promise<ApiKeyRotated | MissingRefusal | InvalidRefusal> => {
  if (!isId(id)) return missing('The key')
  if (overlapHours < 0 || overlapHours > MOST_HOURS)
    return invalid('overlapHours', `Choose a number of hours from 0 to ${MOST_HOURS}.`)
  const { orgId, principal } = ctx
  const at = ctx.clock.now()
  const answer = await ctx.db.transaction(orgId, async (tx) => {
    const before = await lockApiKey(tx, orgId, id)
    if (!before) return missing('The key')
    if (stateOf(before, at) !== 'ACTIVE')
      return invalid('id', 'The key does not work any more. Make another one.', stateOf(before, at))
    // Whoever is shown its secret can do what it may do.
    const own = spelt(principal.scopes)
    const beyond = before.scopes.find((scope) => !own.includes(scope))
    if (beyond) return invalid('id', `You may not do ${beyond} yourself, as this key may.`, 'BEYOND_YOURS')
    const { secret, prefix, hash } = newSecret()
    const until = new Date(at.getTime() + overlapHours * HOUR_MS)
    const apiKey = await writeSecret(tx, orgId, { id, prefix, hash, version: before.version }, { at, until })
    const subject = { type: 'ApiKey', id }
    const change = { before: { ...before }, after: { ...apiKey } }
    await audit(tx, { orgId, principal, action: 'rotateApiKey', subject, ...change, at })
    await publish(tx, orgId, [event('hub.key.changed', id, { keyId: id })], at)
    return { __typename: 'ApiKeyRotated' as const, apiKey, secret }
  })
  ctx.published()
  return answer
}
