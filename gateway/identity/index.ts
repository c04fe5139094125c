import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '#kernel/clock.ts'
import { Unauthenticated } from '#kernel/errors.ts'
import type { PrincipalSeal } from '#kernel/principal.ts'
import { type HubClient, type Identified, openHubClient } from './hub-client.ts'
import type { Issuer } from './issuer.ts'
import { type TokenOptions, tokenCheck } from './tokens.ts'

/** Who asks, as hub knows them, and how long their credential lasts. */
export interface Caller extends Omit<Identified, 'expiresAt'> {
  /** When the token or key ends; null for a key that lasts until it is revoked. */
  expiresAt: Date | null
}

export interface Identity {
  /** @throws UNAUTHENTICATED without a valid credential, FORBIDDEN for a stranger to the organisation, HUB_UNAVAILABLE */
  identify(credential: string | undefined): Promise<Caller>
}

export interface IdentityOptions extends Omit<TokenOptions, 'clock'> {
  /** The local issuer, in demo mode only: the landing page may ask it for a token. */
  demo?: Issuer
}

const KEY = /^hub_[\w-]{16,200}$/

/** Opens the check of credentials: bearer tokens and API keys. */
export const openIdentity = (
  options: IdentityOptions & { hubUrl: string; seal: PrincipalSeal; clock: Clock },
): Identity => {
  const hub: HubClient = openHubClient({ url: options.hubUrl, seal: options.seal, clock: options.clock })
  const check = tokenCheck(options)
  return {
    identify: async (credential) => {
      if (!credential) throw Unauthenticated.with()
      if (KEY.test(credential)) {
        const { expiresAt, ...known } = await hub.identify({ apiKey: credential })
        const ends = expiresAt === undefined ? null : new Date(expiresAt)
        // Remembered answers do not outlive it.
        if (ends && ends <= options.clock.now()) throw Unauthenticated.with()
        return { ...known, expiresAt: ends }
      }
      const { user, expiresAt } = await check(credential)
      return { ...(await hub.identify({ user })), expiresAt }
    },
  }
}

/** The credential in the headers of a request: `Authorization: Bearer …` or `X-Api-Key: …`. Unverified. */
export const credentialOf = (headers: IncomingHttpHeaders | Record<string, unknown>): string | undefined => {
  const key = headers['x-api-key']
  if (typeof key === 'string') return key
  const authorization = headers.authorization ?? headers.Authorization
  if (typeof authorization !== 'string') return undefined
  return /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
}
