/**
 * HubSpot's words for what an app is given and told beside records: tokens, webhooks, timeline events.
 *
 * App: what a customer installs into a portal. Grant: what OAuth gives for a code or a refresh token.
 * Subscription: one kind of change an app is told about, by webhook, for every portal that has installed it.
 */

/** Answer of `POST /oauth/v1/token`. Newer versions add the last four. */
export interface TokenGrant {
  token_type: 'bearer'
  access_token: string
  /** Normally the one that was sent; store what is returned. */
  refresh_token?: string
  /** Seconds. */
  expires_in: number
  token_use?: string
  hub_id?: number
  scopes?: string[]
  user_id?: number
}

/** Why a token was not given: `status` of the answer. The grant is gone with the first two; the rest is ours to repair. */
export const OAUTH_FAILURES = [
  'BAD_REFRESH_TOKEN',
  'BAD_HUB',
  'BAD_CLIENT_ID',
  'BAD_CLIENT_SECRET',
  'BAD_AUTH_CODE',
  'BAD_REDIRECT_URI',
  'BAD_GRANT_TYPE',
  'BAD_CODE_VERIFIER',
  'BAD_SCOPES',
] as const
export type OAuthFailure = (typeof OAUTH_FAILURES)[number]

/** A refused token request; the status code is 400. */
export interface OAuthErrorBody {
  error: string
  error_description: string
  status: OAuthFailure
  message: string
  correlationId?: string
}

/** Answer of `GET /oauth/v1/access-tokens/{token}`. */
export interface AccessTokenInfo {
  token: string
  user: string
  /** The customer's own; no proof of who they are. */
  hub_domain: string
  scopes: string[]
  hub_id: number
  app_id: number
  expires_in: number
  user_id: number
  token_type: 'access'
}

/** Answer of `GET /oauth/v1/refresh-tokens/{token}`. */
export interface RefreshTokenInfo {
  token: string
  user: string
  hub_domain: string
  scopes: string[]
  hub_id: number
  client_id: string
  user_id: number
  token_type: 'refresh'
}
