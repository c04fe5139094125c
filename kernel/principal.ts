import { jwtVerify, SignJWT } from 'jose'
import type { Clock } from './clock.ts'
import { Unauthenticated } from './errors.ts'

/** Who asks, as the gateway vouches for it towards subgraphs, and as the hub's own processes vouch for themselves. */
export interface Principal {
  kind: 'user' | 'key' | 'system'
  /** User id, key id, or the name of a system job such as `system:feed`. */
  id: string
  /** The organisation asked for; null only for system principals, which set it once they know it. */
  orgId: string | null
  /** What the caller may do, such as `customers:read`. `*` allows everything inside the organisation. */
  scopes: readonly string[]
  /** Whose rows a caller may see, by their ids (see db/row-scope.ts); absent: all of the organisation. Such a caller only reads. */
  rows?: readonly string[]
}

/** The header that carries a signed principal between the hub's own processes. */
export const PRINCIPAL_HEADER = 'x-hub-principal'
/** Who hands on a stranger's raw request: it vouches for where the request came from, and for nobody behind it. */
export const INTAKE: Principal = { kind: 'system', id: 'system:intake', orgId: null, scopes: [] }
/** Where the stranger's request was sent to, as a whole address, and from which address. Set by the intake door alone. */
export const INTAKE_HEADERS = { url: 'x-hub-intake-url', address: 'x-hub-intake-address' } as const
const LIFETIME_SECONDS = 60
const MOST_REMEMBERED = 1000

export interface PrincipalSeal {
  /** Signs a principal for `LIFETIME_SECONDS`. */
  sign(principal: Principal): Promise<string>
  /** @throws UNAUTHENTICATED when the token is absent, altered, expired or not ours */
  verify(token: string | undefined): Promise<Principal>
}

/** Signs and checks principals with the secret that the hub's processes share (HMAC-SHA-256, 60 s). */
export const principalSeal = (sharedSecret: string, clock: Clock): PrincipalSeal => {
  const key = new TextEncoder().encode(sharedSecret)
  const signed = new WeakMap<Principal, { token: string; at: number }>()
  const verified = new Map<string, { principal: Principal; until: number }>()
  return {
    sign: async (principal) => {
      const now = clock.now().getTime()
      const kept = signed.get(principal)
      // Reused for half its life, so that a burst of one caller's requests is signed once.
      if (kept && now >= kept.at && now - kept.at < (LIFETIME_SECONDS * 1000) / 2) return kept.token
      const seconds = Math.floor(now / 1000)
      const token = await new SignJWT({ ...principal })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuedAt(seconds)
        .setExpirationTime(seconds + LIFETIME_SECONDS)
        .setIssuer('tributary')
        .sign(key)
      signed.set(principal, { token, at: now })
      return token
    },
    verify: async (token) => {
      if (!token) throw Unauthenticated.with()
      const known = verified.get(token)
      // Every part of a query brings the same token: its signature is checked once, its end each time.
      if (known && clock.now().getTime() < known.until) return known.principal
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: ['HS256'],
          issuer: 'tributary',
          currentDate: clock.now(),
          clockTolerance: 5,
        })
        const principal = payload as unknown as Principal
        if (verified.size >= MOST_REMEMBERED) verified.clear()
        verified.set(token, { principal, until: (payload.exp ?? 0) * 1000 })
        return principal
      } catch (cause) {
        throw Unauthenticated.with({}, { cause })
      }
    },
  }
}

/** Whether the principal holds every scope asked for. */
export const holds = (principal: Principal, scopes: readonly string[]): boolean =>
  principal.scopes.includes('*') || scopes.every((scope) => principal.scopes.includes(scope))
