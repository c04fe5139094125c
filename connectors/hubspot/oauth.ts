import * as z from 'zod'
import type { Clock } from '#kernel/clock.ts'
import {
  AppRejected,
  GrantRevoked,
  VendorAnswer,
  VendorBusy,
  VendorRefused,
  VendorUnavailable,
} from '../contract.ts'
import {
  type Check,
  errorBody,
  exchange,
  type HttpAnswer,
  type HttpCall,
  readJson,
  retryAfterMs,
} from '../http.ts'
import { VENDOR } from './verdict.ts'

/**
 * HubSpot's sign-in for apps that many portals install. By our own requests: HubSpot's client drops the portal's id from
 * the answer, and does not know uninstalling.
 *
 * grant    what a portal's administrator allowed our app; lasts until it is taken back
 * code     what the browser brings back from HubSpot: exchanged once, within minutes, for tokens
 */
export interface HubSpotApp {
  clientId: string
  clientSecret: string
  /** Where HubSpot sends the browser back to: exactly as it is registered with the app. */
  redirectUri: string
  /** HubSpot's page that asks people, such as `https://app.hubspot.com/oauth/authorize`. */
  authorizeUrl: string
}

/** Where the endpoints are. HubSpot switches the v1 paths off on 2027-02-16; the dated ones answer the same grants. */
export interface OAuthPaths {
  token: string
  /** `{token}` in the path: asked with GET. Without it: posted as a form, as the dated versions want it. */
  accessToken: string
  refreshToken: string
  uninstall: string
}

export const OAUTH_PATHS = {
  v1: {
    token: '/oauth/v1/token',
    accessToken: '/oauth/v1/access-tokens/{token}',
    refreshToken: '/oauth/v1/refresh-tokens/{token}',
    uninstall: '/appinstalls/v3/external-install',
  },
  '2026-09': {
    token: '/oauth/2026-09/token',
    accessToken: '/oauth/2026-09/token/introspect',
    refreshToken: '/oauth/2026-09/token/revoke',
    uninstall: '/appinstalls/2026-09/external-install',
  },
} as const satisfies Record<string, OAuthPaths>

/** Tokens as HubSpot gave them. */
export interface HubSpotGrant {
  accessToken: string
  /** Undefined when the answer brought none: the one that was used goes on. */
  refreshToken: string | undefined
  expiresInSeconds: number
}

/** What HubSpot says of an access token. */
export interface HubSpotTokenInfo {
  portalId: string
  hubDomain: string | null
  scopes: string[]
  userId: string | null
}

export interface HubSpotOAuthOptions {
  /** Of the API, such as `https://api.hubapi.com`. */
  baseUrl: string
  app: HubSpotApp
  clock: Clock
  /** Default: those of v1. */
  paths?: OAuthPaths
  /** Longest time for one request. Default 10,000. */
  deadlineMs?: number
}

/**
 * Every method sends one request and repeats nothing: a code and a rotating token count once, so the caller decides.
 * @throws HUB_VENDOR_GRANT_REVOKED, HUB_VENDOR_APP_REJECTED, HUB_VENDOR_BUSY, HUB_VENDOR_UNAVAILABLE; HUB_VENDOR_REFUSED for a
 * code that does not count (any more)
 */
export interface HubSpotOAuth {
  /** The address to send a person to. @param scopes must be granted; @param optionalScopes are left out where a portal cannot have them */
  authorizeUrl(ask: { state: string; scopes: readonly string[]; optionalScopes: readonly string[] }): string
  exchange(code: string): Promise<HubSpotGrant>
  refresh(refreshToken: string): Promise<HubSpotGrant>
  tokenInfo(accessToken: string): Promise<HubSpotTokenInfo>
  /** Takes a grant back. One that is gone already counts as taken back. Access tokens given out before live on for minutes. */
  revoke(refreshToken: string): Promise<void>
  /** Removes the app from the portal. */
  uninstall(accessToken: string): Promise<void>
}

const text = z.string().min(1)
const grant = z
  .object({ access_token: text, refresh_token: text.optional(), expires_in: z.number().positive() })
  .transform((said) => ({
    accessToken: said.access_token,
    refreshToken: said.refresh_token,
    expiresInSeconds: said.expires_in,
  }))
const tokenInfo = z
  .object({
    hub_id: z.coerce.string(),
    hub_domain: z.string().nullish(),
    scopes: z.array(z.string()),
    user_id: z.coerce.string().nullish(),
  })
  .transform((said) => ({
    portalId: said.hub_id,
    hubDomain: said.hub_domain ?? null,
    scopes: said.scopes,
    userId: said.user_id ?? null,
  }))

const refusal = z
  .object({ status: z.string().optional(), error: z.string().optional(), category: z.string().optional() })
  .catch({})

const REVOKED: ReadonlySet<string> = new Set(['BAD_REFRESH_TOKEN', 'BAD_HUB'])
const MISCONFIGURED: ReadonlySet<string> = new Set([
  'BAD_CLIENT_ID',
  'BAD_CLIENT_SECRET',
  'BAD_REDIRECT_URI',
  'BAD_GRANT_TYPE',
])
const MAX_BYTES = 1 << 20

/** Opens HubSpot's sign-in for one app. It holds nothing that would have to be closed. */
export const openHubSpotOAuth = (options: HubSpotOAuthOptions): HubSpotOAuth => {
  const { app, clock, paths = OAUTH_PATHS.v1, deadlineMs = 10_000 } = options
  const base = options.baseUrl.replace(/\/+$/, '')
  const secrets = { client_id: app.clientId, client_secret: app.clientSecret }
  const send = async <T>(call: Omit<HttpCall, 'url'>, path: string, check: Check<T>): Promise<T> =>
    judge(
      await exchange(VENDOR, { ...call, url: base + path }, { deadlineMs, maxBytes: MAX_BYTES }),
      check,
      clock,
    )
  const form = (fields: Record<string, string>): Omit<HttpCall, 'url'> => ({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  })
  const isDated = !paths.accessToken.includes('{token}')
  const withToken = (path: string, token: string) => path.replace('{token}', encodeURIComponent(token))
  return {
    authorizeUrl: ({ state, scopes, optionalScopes }) => {
      const url = new URL(app.authorizeUrl)
      url.searchParams.set('client_id', app.clientId)
      url.searchParams.set('redirect_uri', app.redirectUri)
      url.searchParams.set('scope', scopes.join(' '))
      if (optionalScopes.length > 0) url.searchParams.set('optional_scope', optionalScopes.join(' '))
      url.searchParams.set('state', state)
      return url.href
    },
    exchange: (code) =>
      send(
        form({ grant_type: 'authorization_code', ...secrets, redirect_uri: app.redirectUri, code }),
        paths.token,
        (body) => grant.parse(body),
      ),
    refresh: async (refreshToken) => {
      try {
        return await send(
          form({ grant_type: 'refresh_token', ...secrets, refresh_token: refreshToken }),
          paths.token,
          (body) => grant.parse(body),
        )
      } catch (error) {
        // Where HubSpot says no more than OAuth itself does.
        if (VendorRefused.is(error) && reasonOf(error) === 'invalid_grant')
          throw GrantRevoked.with({ vendor: VENDOR, reason: 'invalid_grant' }, { cause: error.cause })
        throw error
      }
    },
    tokenInfo: (accessToken) =>
      isDated
        ? send(
            form({ ...secrets, token: accessToken, token_type_hint: 'access_token' }),
            paths.accessToken,
            (body) => tokenInfo.parse(body),
          )
        : send({ method: 'GET', headers: {} }, withToken(paths.accessToken, accessToken), (body) =>
            tokenInfo.parse(body),
          ),
    revoke: async (refreshToken) => {
      const taking = isDated
        ? send(
            form({ ...secrets, token: refreshToken, token_type_hint: 'refresh_token' }),
            paths.refreshToken,
            nothing,
          )
        : send({ method: 'DELETE', headers: {} }, withToken(paths.refreshToken, refreshToken), nothing)
      await taking.catch((error: unknown) => {
        if (!GrantRevoked.is(error) && !isGone(error)) throw error
      })
    },
    uninstall: (accessToken) =>
      send(
        { method: 'DELETE', headers: { authorization: `Bearer ${accessToken}` } },
        paths.uninstall,
        nothing,
      ),
  }
}

const nothing: Check<void> = () => undefined

const reasonOf = (error: Error): string | undefined =>
  error.cause instanceof VendorAnswer ? error.cause.category : undefined

const isGone = (error: unknown): boolean =>
  VendorRefused.is(error) && error.cause instanceof VendorAnswer && error.cause.status === 404

// The answer's own text is not kept: HubSpot quotes tokens and codes in it.
const judge = <T>(answer: HttpAnswer, check: Check<T>, clock: Clock): T => {
  const { status } = answer
  if (status === 204 || (status < 300 && answer.text === '')) return check(undefined)
  if (status >= 200 && status < 300) return readJson(VENDOR, answer, check)
  const said = refusal.parse(errorBody(answer) ?? {})
  const reason = said.status ?? said.category ?? said.error ?? `status ${status}`
  const cause = new VendorAnswer(`sign-in: ${reason}`, { status, category: reason })
  const now = clock.now().getTime()
  const named = retryAfterMs(answer.headers, clock.now())
  const after = named === undefined ? {} : { after: new Date(now + named) }
  if (status === 429 || status === 423 || status === 477)
    throw VendorBusy.with({ vendor: VENDOR }, { cause, after: new Date(now + (named ?? 10_000)) })
  if (status >= 500 || status === 408 || (status >= 300 && status < 400))
    throw VendorUnavailable.with({ vendor: VENDOR }, { cause, ...after })
  if (MISCONFIGURED.has(reason)) throw AppRejected.with({ vendor: VENDOR, reason }, { cause })
  if (REVOKED.has(reason)) throw GrantRevoked.with({ vendor: VENDOR, reason }, { cause })
  throw VendorRefused.with({ vendor: VENDOR, reason }, { cause })
}
