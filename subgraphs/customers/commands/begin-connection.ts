import { randomBytes } from 'node:crypto'
import { isId } from '#kernel/ids.ts'
import { byChance } from '#kernel/planning.ts'
import { audit } from '#service/audit.ts'
import { type InvalidRefusal, invalid, type MissingRefusal, missing } from '#service/refusal.ts'
import type { Context } from '../context.ts'
import { ATTEMPT_VALID_MS, browserCookie, hashOf, SECRET_BYTES, stateOf } from '../domain/connecting.ts'
import { NoApp } from '../domain/connection-errors.ts'
import { CAPABILITIES, type Capability, scopesFor } from '../domain/features.ts'
import { writeAttempt } from '../store/connection-attempts.ts'
import { integrationsOf } from '../store/integrations.ts'

export interface Begun {
  authorizeUrl: string
  expiresAt: Date
  scopes: string[]
  optionalScopes: string[]
}

const MOST_NAME = 100

/**
 * Opens the way to HubSpot's consent page: writes the attempt down and gives the browser its half of it. Only hashes of either are
 * kept, and nothing but our own address can be come back to.
 */
export const beginConnection = async (
  ctx: Context,
  ask: { name: string | null; capabilities: readonly Capability[] | null; integrationId: string | null },
): Promise<Begun | InvalidRefusal | MissingRefusal> => {
  const { orgId, principal, clock, portals } = ctx
  const { isSecure, baseUrl } = portals.door
  const signIn = portals.signIn?.(baseUrl)
  if (!signIn) return invalid(null, NoApp.with().message, NoApp.code)
  const name = ask.name?.trim() || null
  if (name && name.length > MOST_NAME) return invalid('name', `A name has at most ${MOST_NAME} letters.`)
  if (ask.integrationId !== null && !isId(ask.integrationId)) return missing('The HubSpot connection')
  const at = clock.now()
  const expiresAt = new Date(at.getTime() + ATTEMPT_VALID_MS)
  const state = stateOf(orgId, randomBytes(SECRET_BYTES))
  const browser = randomBytes(SECRET_BYTES).toString('base64url')
  const stateHash = byChance(hashOf(state))
  const capabilities = [...new Set(ask.capabilities ?? CAPABILITIES)]
  const isThere = await ctx.write(async (tx) => {
    const again = ask.integrationId
    if (again && (await integrationsOf(tx, orgId, [again])).length === 0) return false
    const attempt = {
      principal_kind: principal.kind,
      principal_id: principal.id,
      browser_hash: byChance(hashOf(browser)),
      name,
      capabilities,
      portal_hint: again,
      expires_at: expiresAt,
    }
    await writeAttempt(tx, orgId, stateHash, attempt, at)
    const subject = { type: 'HubSpotIntegration', id: again ?? 'new' }
    await audit(tx, { orgId, principal, action: 'connectHubSpot', subject, after: { capabilities }, at })
    return true
  })
  if (!isThere) return missing('The HubSpot connection')
  ctx.tellBrowser?.(browserCookie(stateHash, browser, { isSecure }))
  const scopes = scopesFor(capabilities)
  return { authorizeUrl: signIn.authorizeUrl({ state, ...scopes }), expiresAt, ...scopes }
}
