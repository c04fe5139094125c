import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Clock } from '#kernel/clock.ts'
import { Unauthenticated, Unavailable } from '#kernel/errors.ts'
import type { User } from './hub-client.ts'

export interface TokenOptions {
  issuer: string
  audience: string
  /** Where the issuer publishes its keys, or the keys themselves. */
  keys: { url: string } | { jwks: JSONWebKeySet }
  clock: Clock
}

const MOST_CHARACTERS = 8 * 1024
// Signatures only an issuer's private key can make. HS256 would let anybody who knows the public key sign.
const ALGORITHMS = ['RS256', 'ES256']
const TOLERANCE_SECONDS = 5
/** A token's signature is checked once in so long: that takes longer than many a query. Its end counts each time. */
const KEPT_MS = 20_000
const MOST_KEPT = 10_000

interface Checked {
  user: User
  expiresAt: Date
}

const claims = z.object({
  sub: z.string().min(1).max(200),
  name: z.string().max(200).optional(),
  org: z.string().min(1).max(100),
  roles: z.array(z.string().max(50)).max(20),
})

/**
 * Checks bearer tokens.
 * @returns a function that answers the person a token speaks for and when it ends; it throws UNAUTHENTICATED for every
 *   token that is not wholly right, and HUB_UNAVAILABLE when the issuer's keys cannot be fetched
 */
export const tokenCheck = (options: TokenOptions) => {
  const keys =
    'url' in options.keys
      ? createRemoteJWKSet(new URL(options.keys.url))
      : createLocalJWKSet(options.keys.jwks)
  const kept = new LRUCache<string, Checked & { at: number }>({ max: MOST_KEPT })
  return async (token: string): Promise<Checked> => {
    if (token.length > MOST_CHARACTERS) throw Unauthenticated.with()
    const now = options.clock.now().getTime()
    const known = kept.get(token)
    if (known && now >= known.at && now - known.at < KEPT_MS && now < known.expiresAt.getTime()) return known
    let payload: JWTPayload
    try {
      const verified = await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        issuer: options.issuer,
        audience: options.audience,
        requiredClaims: ['sub', 'exp', 'iat'],
        currentDate: options.clock.now(),
        clockTolerance: TOLERANCE_SECONDS,
      })
      payload = verified.payload
    } catch (cause) {
      const isOurs = !(cause instanceof Error && 'code' in cause && String(cause.code).startsWith('ERR_J'))
      if (isOurs || (cause as { code?: string }).code === 'ERR_JWKS_TIMEOUT')
        throw Unavailable.with({ what: 'Signing in' }, { cause })
      throw Unauthenticated.with({}, { cause })
    }
    const read = claims.safeParse(payload)
    if (!read.success) throw Unauthenticated.with({}, { cause: read.error })
    const { sub, name, org, roles } = read.data
    const user = { id: sub, name: name ?? sub, org, roles }
    const checked = { user, expiresAt: new Date((payload.exp as number) * 1000) }
    kept.set(token, { ...checked, at: now })
    return checked
  }
}
