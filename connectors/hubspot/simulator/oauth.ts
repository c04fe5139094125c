import { createHash } from 'node:crypto'
import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import type {
  AccessTokenInfo,
  OAuthErrorBody,
  OAuthFailure,
  PrivateAppInfo,
  RefreshTokenInfo,
  TokenGrant,
} from '../app-wire.ts'
import type { RefreshClaims } from './app.ts'
import { jsonBody } from './asking.ts'
import type { Behaviour } from './behaviour.ts'
import type { Credentials } from './credentials.ts'
import { BEYOND_PRIVATE_APPS } from './editions.ts'
import { errorReply, notFound, Refused } from './errors.ts'
import { EVERY_SCOPE } from './install-control.ts'

/** What the OAuth calls work on. */
export interface OAuthGround {
  credentials: Credentials
  behaviour: Behaviour
  /** Whether HubSpot still has that account. */
  hasPortal(portal: string): boolean
  /** Scopes that an account cannot grant. */
  withheldFrom(portal: string): readonly string[]
}

const FAILURES: Readonly<Record<OAuthFailure, readonly [error: string, description: string]>> = {
  BAD_REFRESH_TOKEN: ['invalid_grant', 'refresh token is invalid, expired or revoked'],
  BAD_HUB: ['invalid_grant', 'the account of this grant no longer exists'],
  BAD_CLIENT_ID: ['invalid_client', 'missing or unknown client id'],
  BAD_CLIENT_SECRET: ['invalid_client', 'missing or unknown client secret'],
  BAD_AUTH_CODE: ['invalid_grant', 'missing or unknown auth code'],
  BAD_REDIRECT_URI: ['invalid_grant', 'redirect_uri does not match that of the authorization request'],
  BAD_GRANT_TYPE: ['unsupported_grant_type', 'grant_type must be authorization_code or refresh_token'],
  BAD_CODE_VERIFIER: ['invalid_grant', 'code_verifier is missing or does not match the challenge'],
  BAD_SCOPES: ['invalid_scope', 'scopes are missing or unknown'],
}

const fail = (status: OAuthFailure): never => {
  const [error, description] = FAILURES[status]
  const reply = errorReply(400, { message: description })
  const body: OAuthErrorBody = { ...(reply.body as OAuthErrorBody), error, error_description: description }
  throw new Refused({ status: 400, body: { ...body, status, message: description } })
}

// HubSpot takes a form and nothing else; a field that comes twice is not a field.
const formOf = (request: SimRequest): ((name: string) => string) => {
  const kind = String(request.headers['content-type'] ?? '').split(';')[0]
  if (kind?.trim().toLowerCase() !== 'application/x-www-form-urlencoded')
    throw new Refused(errorReply(415, { message: 'HTTP 415 Unsupported Media Type' }))
  const form = new URLSearchParams(request.body)
  return (name) => {
    const values = form.getAll(name)
    return values.length === 1 ? values[0]!.trim() : ''
  }
}

/** `POST /oauth/v1/token`; versions after the first also say whose token it is. */
export const grantToken = (ground: OAuthGround, request: SimRequest, version: string): SimReply => {
  const { credentials } = ground
  const field = formOf(request)
  const grantType = field('grant_type')
  if (grantType !== 'authorization_code' && grantType !== 'refresh_token') return fail('BAD_GRANT_TYPE')
  if (field('client_id') !== credentials.app.clientId) return fail('BAD_CLIENT_ID')
  if (field('client_secret') !== credentials.app.clientSecret) return fail('BAD_CLIENT_SECRET')
  const { claims, refresh } =
    grantType === 'refresh_token' ? refreshed(ground, field) : exchanged(ground, field)
  const access_token = credentials.issue(claims)
  const body: TokenGrant = {
    token_type: 'bearer',
    ...(ground.behaviour.omitRefreshToken ? {} : { refresh_token: refresh }),
    access_token,
    expires_in: ground.behaviour.accessTokenSeconds,
    ...(version === 'v1'
      ? {}
      : {
          token_use: 'access_token',
          hub_id: Number(claims.portal),
          scopes: scopesOf(ground, access_token),
          user_id: claims.userId,
        }),
  }
  return { status: 200, headers: { 'cache-control': 'no-store' }, body }
}

interface Granted {
  claims: Pick<RefreshClaims, 'portal' | 'scopes' | 'userId'>
  refresh: string
}

const exchanged = ({ credentials, hasPortal }: OAuthGround, field: (name: string) => string): Granted => {
  const code = credentials.takeCode(field('code'))
  if (code === undefined) return fail('BAD_AUTH_CODE')
  if (code.redirectUri !== field('redirect_uri')) return fail('BAD_REDIRECT_URI')
  if (code.challenge !== undefined) {
    const answer = createHash('sha256').update(field('code_verifier')).digest('base64url')
    if (answer !== code.challenge) return fail('BAD_CODE_VERIFIER')
  }
  if (!hasPortal(code.portal)) return fail('BAD_HUB')
  return { claims: code, refresh: credentials.install(code) }
}

const refreshed = (ground: OAuthGround, field: (name: string) => string): Granted => {
  const { credentials, behaviour } = ground
  const token = field('refresh_token')
  const claims = credentials.readRefresh(token) ?? fail('BAD_REFRESH_TOKEN')
  if (!ground.hasPortal(claims.portal)) return fail('BAD_HUB')
  return { claims, refresh: behaviour.rotateRefreshTokens ? credentials.rotate(token, claims) : token }
}

const about = (userId: number, portal: string) => ({
  user: `admin.${userId}@portal-${portal}.example`,
  hub_domain: `portal-${portal}.example`,
  hub_id: Number(portal),
  user_id: userId,
})

const scopesOf = ({ credentials }: OAuthGround, name: string): string[] => {
  const scopes = credentials.find(name)?.scopes ?? []
  return scopes === 'all' ? [] : [...scopes]
}

/** `POST /oauth/v2/private-apps/get/access-token-info`: what a portal's own token may do. */
export const privateAppInfo = (ground: OAuthGround, request: SimRequest): SimReply => {
  const { tokenKey = '' } = jsonBody<{ tokenKey?: string }>(request)
  const token = ground.credentials.find(tokenKey)
  if (token?.kind !== 'private-app' || ground.credentials.isExpired(token))
    return notFound('private app access token is invalid, expired or revoked')
  const beyondIt = [...ground.withheldFrom(token.portal), ...BEYOND_PRIVATE_APPS]
  const granted = token.scopes === 'all' ? EVERY_SCOPE : token.scopes
  const body: PrivateAppInfo = {
    userId: token.userId,
    hubId: Number(token.portal),
    appId: ground.credentials.app.appId,
    scopes: granted.filter((scope) => !beyondIt.includes(scope)),
  }
  return { status: 200, body }
}

/** `GET /oauth/v1/access-tokens/{token}` */
export const accessTokenInfo = (ground: OAuthGround, name: string): SimReply => {
  const { credentials } = ground
  const token = credentials.find(name)
  if (token === undefined || token.kind !== 'oauth' || credentials.isExpired(token))
    return notFound('access token is invalid, expired or revoked')
  const body: AccessTokenInfo = {
    token: name,
    ...about(token.userId, token.portal),
    scopes: scopesOf(ground, name),
    app_id: credentials.app.appId,
    expires_in: credentials.secondsLeft(token),
    token_type: 'access',
  }
  return { status: 200, body }
}

/** `GET /oauth/v1/refresh-tokens/{token}` */
export const refreshTokenInfo = ({ credentials }: OAuthGround, token: string): SimReply => {
  const claims = credentials.readRefresh(token) ?? notFound('refresh token is invalid, expired or revoked')
  const body: RefreshTokenInfo = {
    token,
    ...about(claims.userId, claims.portal),
    scopes: claims.scopes,
    client_id: credentials.app.clientId,
    token_type: 'refresh',
  }
  return { status: 200, body }
}

/** `DELETE /oauth/v1/refresh-tokens/{token}`: access tokens that were issued for it live on. */
export const revokeRefreshToken = ({ credentials }: OAuthGround, token: string): SimReply => {
  credentials.readRefresh(token) ?? notFound('refresh token is invalid, expired or revoked')
  credentials.revoke(token)
  return { status: 204 }
}

/** `/oauth/…`, apart from the consent page. Throws Refused. */
export const oauth = (ground: OAuthGround, request: SimRequest): SimReply => {
  const [, version = '', what, token] = request.path.split('/').filter(Boolean).map(decodeURIComponent)
  const { method } = request
  if (what === 'token' && token === undefined && method === 'POST')
    return grantToken(ground, request, version)
  if (request.path.endsWith('/private-apps/get/access-token-info') && method === 'POST')
    return privateAppInfo(ground, request)
  if (what === 'access-tokens' && token !== undefined && method === 'GET')
    return accessTokenInfo(ground, token)
  if (what === 'refresh-tokens' && token !== undefined) {
    if (method === 'GET') return refreshTokenInfo(ground, token)
    if (method === 'DELETE') return revokeRefreshToken(ground, token)
  }
  return notFound()
}
