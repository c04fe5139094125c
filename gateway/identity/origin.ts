/** From where a request comes: what may be believed of it, and whether a page of the hub's own has sent it. */
import type { IncomingHttpHeaders } from 'node:http'
import { ForeignOrigin, OwnPageUnproven } from '../errors.ts'

export interface Edge {
  /** The address people and vendors know the hub by. Without it, the one a request was sent to counts. */
  publicUrl?: string | undefined
  /** How many proxies of ours a request has passed: so many entries of `x-forwarded-*`, from the right, are theirs. */
  trustedProxies: number
}

/** The address of the hub as whoever sent the request knows it, without a path. */
export const originOf = (headers: IncomingHttpHeaders, edge: Edge): string => {
  if (edge.publicUrl) return edge.publicUrl
  const proto = forwarded(headers, 'proto', edge) ?? 'http'
  return `${proto}://${forwarded(headers, 'host', edge) ?? headers.host ?? ''}`
}

/** What the outermost of our proxies said; whatever stands left of it anybody could have written. */
export const forwarded = (
  headers: IncomingHttpHeaders,
  what: 'for' | 'proto' | 'host',
  { trustedProxies }: Edge,
): string | undefined => {
  if (trustedProxies === 0) return undefined
  const entries = String(headers[`x-forwarded-${what}`] ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
  // Not every proxy adds to the scheme and the host: then what the nearest wrote is all there is.
  return entries.at(-trustedProxies) ?? (what === 'for' ? undefined : entries[0])
}

/** What a page of the hub's own sends along: another origin's page cannot, without asking first, and nobody answers that. */
const OWN_PAGE_HEADER = 'x-hub-csrf'

export interface Sent {
  method?: string | undefined
  url?: string | undefined
  headers: IncomingHttpHeaders
}

/**
 * Lets a request through that brings a cookie only when a page of the hub's own has sent it: browsers send cookies by themselves,
 * whoever had them ask. The browser must say so by `Origin` or `Sec-Fetch-Site`, and whatever could change something brings a header
 * besides. Streams and sockets, to which no page can add a header, say it by those two alone.
 * @throws FOREIGN_ORIGIN or OWN_PAGE_UNPROVEN
 */
export const mustBeOwnPage = ({ method = 'GET', url = '', headers }: Sent, edge: Edge): void => {
  const { origin, 'sec-fetch-site': site } = headers
  const isRead = method === 'GET' || method === 'HEAD'
  const isSocket = headers.upgrade !== undefined
  if (origin !== undefined && origin !== new URL(originOf(headers, edge)).origin) throw ForeignOrigin.with()
  // `none`: somebody typed the address, or took it from their bookmarks. That reads, and does nothing else.
  const isTyped = site === 'none' && isRead && !isSocket
  if (site !== undefined && site !== 'same-origin' && !isTyped) throw ForeignOrigin.with()
  if (origin === undefined && (site === undefined || isSocket)) throw OwnPageUnproven.with()
  const isStream = isSocket || (isRead && headers.accept?.includes('text/event-stream') === true)
  const mayChange = !isRead || url.split('?')[0] === '/graphql'
  if (mayChange && !isStream && headers[OWN_PAGE_HEADER] !== '1') throw OwnPageUnproven.with()
}
