import { createHash } from 'node:crypto'
import { isId } from '#kernel/ids.ts'

/**
 * state    what HubSpot hands back to us: names the attempt, and the organisation it belongs to
 * browser  what only the browser has that began the attempt; it never leaves its cookie
 *
 * A state is good once, for ten minutes, and in that browser: whoever is sent a stranger's way back cannot be made to connect
 * a portal to the stranger's organisation, nor the other way round.
 */
export const ATTEMPT_VALID_MS = 10 * 60_000

/** How long a secret is, in random bytes. */
export const SECRET_BYTES = 32

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** A state that is its own organisation's and nobody can guess. @param random at least `SECRET_BYTES` bytes */
export const stateOf = (orgId: string, random: Buffer): string => `${orgId}.${random.toString('base64url')}`

/** The organisation that a state says it is of; undefined when it cannot be one of ours. */
export const orgOfState = (state: string): string | undefined => {
  const [orgId = '', secret = '', ...rest] = state.split('.')
  return isId(orgId) && /^[\w-]{40,64}$/.test(secret) && rest.length === 0 ? orgId : undefined
}

/** Each attempt has a cookie of its own, so that two windows do not spoil each other's. */
const cookieName = (stateHash: string, isSecure: boolean): string =>
  // Only this very host can set a cookie of that prefix: no neighbour under the same domain can plant one.
  `${isSecure ? '__Host-' : ''}hub-connect-${stateHash.slice(0, 12)}`

/** The cookie that binds an attempt to a browser, as `Set-Cookie` writes it. Lax: HubSpot's page leads back by a link. */
export const browserCookie = (
  stateHash: string,
  browser: string | null,
  { isSecure }: { isSecure: boolean },
): string =>
  [
    `${cookieName(stateHash, isSecure)}=${browser ?? ''}`,
    'Path=/',
    `Max-Age=${browser === null ? 0 : ATTEMPT_VALID_MS / 1000}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(isSecure ? ['Secure'] : []),
  ].join('; ')

/** What the browser brings back for an attempt. */
export const browserOf = (
  cookies: string | undefined,
  stateHash: string,
  { isSecure }: { isSecure: boolean },
): string | undefined => {
  const name = `${cookieName(stateHash, isSecure)}=`
  const found = (cookies ?? '')
    .split(';')
    .map((one) => one.trim())
    .filter((one) => one.startsWith(name))
  // Two of one name: one of them is planted.
  return found.length === 1 ? found[0]?.slice(name.length) : undefined
}
