/** The cookie of a browser that is signed in: it holds the secret of a session and nothing about the person. */
import type { IncomingHttpHeaders } from 'node:http'

const HERE = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/
const SECRET = /^[\w-]{43}$/

/** Whether an origin is of this machine alone, where pages come without TLS. */
const isHere = (origin: string): boolean => origin.startsWith('http:') && HERE.test(new URL(origin).host)

/**
 * A cookie of the hub's own. Where there is TLS its name begins with `__Host-`: browsers take it from this very host only, so no
 * neighbouring host can plant one.
 */
export const cookieName = (name: string, origin: string): string =>
  isHere(origin) ? `tributary-${name}` : `__Host-tributary-${name}`

/** Reads a cookie of the hub's own. The name without a prefix counts on this machine only. */
export const readCookie = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  if (!headers.cookie) return undefined
  const cookies = Object.fromEntries(
    headers.cookie.split(';').map((pair) => {
      const [key = '', value] = pair.trim().split('=', 2)
      return [key, value]
    }),
  )
  const open = HERE.test(headers.host ?? '') ? cookies[`tributary-${name}`] : undefined
  return cookies[`__Host-tributary-${name}`] ?? open
}

/**
 * The text of `Set-Cookie`. Without a value the cookie is taken away.
 * @param set.value characters of base64url and dots only: they need no escaping
 */
export const cookieOf = (
  name: string,
  origin: string,
  { value, seconds }: { value: string; seconds: number } = { value: '', seconds: 0 },
): string =>
  [
    `${cookieName(name, origin)}=${value}`,
    ...[`Max-Age=${seconds}`, 'Path=/', 'HttpOnly', ...(isHere(origin) ? [] : ['Secure']), 'SameSite=Lax'],
  ].join('; ')

export const SESSION = 'session'

/** The secret of the session in the headers of a request. Unverified. */
export const sessionOf = (headers: IncomingHttpHeaders): string | undefined => {
  const secret = readCookie(headers, SESSION)
  return secret !== undefined && SECRET.test(secret) ? secret : undefined
}
