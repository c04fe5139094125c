import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '#kernel/clock.ts'
import { Unauthenticated } from '#kernel/errors.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { sessionOf } from './cookies.ts'
import { type HubClient, type Identified, openHubClient } from './hub-client.ts'
import type { Issuer } from './issuer.ts'
import { type Edge, mustBeOwnPage, type Sent } from './origin.ts'
import { type TokenOptions, tokenCheck } from './tokens.ts'

/** Who asks, as hub knows them, and how long their credential lasts. */
export interface Caller extends Omit<Identified, 'expiresAt'> {
  /** When the token or key ends; null for a key that lasts until it is revoked. */
  expiresAt: Date | null
}

/** An API key or a token as it was sent, or the session of a browser. */
export type Credential = string | { session: string }

export interface Identity {
  /**
   * Who sends a request. A cookie counts only where a page of the hub's own has sent it.
   * @param credential default: the one in its headers
   * @throws as `identify`; FOREIGN_ORIGIN or OWN_PAGE_UNPROVEN for a cookie from elsewhere
   */
  callerOf(sent: Sent, credential?: Credential): Promise<Caller>
  /** @throws UNAUTHENTICATED without a valid credential, FORBIDDEN for a stranger to the organisation, HUB_UNAVAILABLE */
  identify(credential: Credential | undefined): Promise<Caller>
  /** Asks hub anew when this principal comes next. */
  forget(id: string): void
}

export interface IdentityOptions extends Omit<TokenOptions, 'clock'> {
  /** The local issuer, in demo mode only: the landing page may ask it for a token. */
  demo?: Issuer
  /** How the hub is known to the identity provider, where browsers sign in there. */
  client?: { id: string; secret: string } | undefined
}

const KEY = /^hub_[\w-]{16,200}$/

/** Opens the check of credentials: bearer tokens and API keys. */
export const openIdentity = (
  options: IdentityOptions & { hubUrl: string; seal: PrincipalSeal; clock: Clock; edge: Edge },
): Identity => {
  const hub: HubClient = openHubClient(options)
  const check = tokenCheck(options)
  const identity: Identity = {
    forget: hub.forget,
    callerOf: async (sent, credential = credentialOf(sent.headers)) => {
      if (typeof credential === 'object') mustBeOwnPage(sent, options.edge)
      return identity.identify(credential)
    },
    identify: async (credential) => {
      if (!credential) throw Unauthenticated.with()
      if (typeof credential === 'object' || KEY.test(credential)) {
        const asked = typeof credential === 'object' ? credential : { apiKey: credential }
        const { expiresAt, ...known } = await hub.identify(asked)
        const ends = expiresAt === undefined ? null : new Date(expiresAt)
        // Remembered answers do not outlive it.
        if (ends && ends <= options.clock.now()) throw Unauthenticated.with()
        return { ...known, expiresAt: ends }
      }
      const { user, expiresAt } = await check(credential)
      return { ...(await hub.identify({ user })), expiresAt }
    },
  }
  return identity
}

/** The credential in the headers of a request: `Authorization: Bearer …` or `X-Api-Key: …`, or else the cookie. Unverified. */
export const credentialOf = (
  headers: IncomingHttpHeaders | Record<string, unknown>,
): Credential | undefined => {
  const key = headers['x-api-key']
  if (typeof key === 'string') return key
  const authorization = headers.authorization ?? headers.Authorization
  if (typeof authorization === 'string') return /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
  const session = sessionOf(headers as IncomingHttpHeaders)
  return session === undefined ? undefined : { session }
}
