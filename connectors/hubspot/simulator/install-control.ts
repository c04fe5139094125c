import { ControlRefusal, controlBody, type SimReply, type SimRequest } from '#connectors/simulator/index.ts'
import type { OAuthGround } from './oauth.ts'

/**
 * `GET /_sim/oauth`: the app, its installs and the tokens that are good.
 * `POST /_sim/oauth` does one of: `{ install: portal, scopes? }` (answers a token grant, without the consent page) ·
 * `{ uninstall: portal }` · `{ revoke: portal or refresh token }` · `{ scopes: […] or "all", token }` for a portal's own token ·
 * `{ redirectUris: […] }` · `{ narrow: portal, scopes: […] }` leaves the app no more than these scopes, until it is installed anew.
 */
export const oauthControl = (ground: OAuthGround, request: SimRequest): SimReply => {
  if (request.method === 'GET') return { status: 200, body: state(ground) }
  const body = controlBody(request)
  const { credentials } = ground
  if (body.install !== undefined) return { status: 200, body: install(ground, body) }
  if (body.uninstall !== undefined) credentials.uninstall(portalOf(ground, body.uninstall))
  else if (body.narrow !== undefined) {
    if (!Array.isArray(body.scopes)) throw new ControlRefusal('narrow takes scopes')
    credentials.narrow(portalOf(ground, body.narrow), body.scopes.map(String))
  } else if (
    typeof body.revoke === 'number' ||
    (typeof body.revoke === 'string' && ground.hasPortal(body.revoke))
  )
    credentials.revokeAll(portalOf(ground, body.revoke))
  else if (typeof body.revoke === 'string') credentials.revoke(body.revoke)
  else if (Array.isArray(body.redirectUris)) credentials.app.redirectUris = body.redirectUris.map(String)
  else if (typeof body.token === 'string') {
    const scopes = Array.isArray(body.scopes) ? body.scopes.map(String) : ('all' as const)
    if (!credentials.restrict(body.token, scopes)) throw new ControlRefusal('there is no such token')
  } else
    throw new ControlRefusal(
      'oauth takes install, uninstall, revoke, narrow, redirectUris or token with scopes',
    )
  return { status: 200, body: state(ground) }
}

const portalOf = (ground: OAuthGround, value: unknown): string => {
  const portal = String(value)
  if (!ground.hasPortal(portal)) throw new ControlRefusal(`there is no portal ${portal}`)
  return portal
}

/** The scopes an install has when a test names none: all that the simulator asks for anywhere. */
export const EVERY_SCOPE: readonly string[] = [
  'oauth',
  'tickets',
  'timeline',
  'crm.objects.owners.read',
  'crm.lists.read',
  'crm.lists.write',
  ...['companies', 'contacts', 'deals', 'custom'].flatMap((family) => [
    `crm.objects.${family}.read`,
    `crm.objects.${family}.write`,
    `crm.schemas.${family}.read`,
    `crm.schemas.${family}.write`,
  ]),
]

const install = (ground: OAuthGround, body: Record<string, unknown>) => {
  const { credentials, behaviour } = ground
  const portal = portalOf(ground, body.install)
  const withheld = ground.withheldFrom(portal)
  const wanted = Array.isArray(body.scopes) ? body.scopes.map(String) : EVERY_SCOPE
  const scopes = wanted.filter((scope) => !withheld.includes(scope))
  const grant = { portal, scopes, userId: 5_500 }
  const refresh_token = credentials.install(grant)
  return {
    token_type: 'bearer',
    refresh_token,
    access_token: credentials.issue(grant),
    expires_in: behaviour.accessTokenSeconds,
  }
}

const state = ({ credentials }: OAuthGround) => {
  const { clientSecret: _secret, developerApiKey: _key, ...app } = credentials.app
  return {
    app,
    installs: [...credentials.installs.values()],
    tokens: credentials.list().map(([token, { kind, portal, scopes, expiresAt }]) => ({
      // Enough to tell one from another in a log.
      token: `${token.slice(0, 12)}…`,
      kind,
      portal,
      scopes,
      expiresAt: Number.isFinite(expiresAt) ? expiresAt : null,
    })),
  }
}
