/** What stands beside a body: how long it may be kept, how to go on, and what takes a route's place. */
import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { LEGACY_SINCE, LEGACY_UNTIL } from '#operations/legacy.ts'
import type { Operation, Route } from '#operations/manifest.ts'
import type { Caller } from '../identity/index.ts'

/** Answers differ by who asks, so that nothing between the hub and its caller may give one caller's to another. */
const VARY = 'authorization, x-api-key, cookie, accept'

/** Has an answer kept by its caller alone, and asked for anew each time; of a write not at all. */
export const keepPrivate = (reply: FastifyReply, { isRead }: { isRead: boolean }): void => {
  reply.header('vary', VARY)
  if (!reply.hasHeader('cache-control'))
    reply.header('cache-control', isRead ? 'private, no-cache' : 'no-store')
}

/** The tag of an answer: another one for another body, and for another caller. */
export const tagOf = (body: string, { principal }: Caller): string => {
  const { kind, id, orgId } = principal
  const hash = createHash('sha256')
    .update(JSON.stringify([kind, id, orgId]))
    .update('\n')
    .update(body)
  return `"${hash.digest('base64url')}"`
}

/** Whether the caller has an answer with this tag already (`If-None-Match`, compared weakly as RFC 9110 says). */
export const isKnown = ({ headers }: FastifyRequest, tag: string): boolean => {
  const sent = headers['if-none-match']
  if (sent === undefined) return false
  return sent.split(',').some((one) => ['*', tag].includes(one.trim().replace(/^W\//, '')))
}

/**
 * How to page on, as links: to the next page where there is one, and back to the first. The graph's cursors lead forwards
 * only, so there is no link to the page before.
 * @param data what the operation answered, by root
 */
export const pageLinks = (
  { paging }: Operation,
  { query, shape }: Route,
  { url }: Pick<FastifyRequest, 'url'>,
  data: unknown,
): string[] => {
  if (!paging || shape !== undefined || !query.includes(paging.after)) return []
  const page = paging.at.reduce<unknown>(
    (at, name) => (at as Record<string, unknown> | null | undefined)?.[name],
    data,
  )
  const { pageInfo } = (page ?? {}) as { pageInfo?: { endCursor: string | null; hasNextPage: boolean } }
  if (!pageInfo) return []
  const [path = '', text = ''] = url.split('?')
  const to = (cursor: string | null): string => {
    const wanted = new URLSearchParams(text)
    wanted.delete(paging.after)
    if (cursor !== null) wanted.set(paging.after, cursor)
    const asked = wanted.toString()
    return asked === '' ? path : `${path}?${asked}`
  }
  return [
    `<${to(null)}>; rel="first"`,
    ...(pageInfo.hasNextPage && pageInfo.endCursor !== null
      ? [`<${to(pageInfo.endCursor)}>; rel="next"`]
      : []),
  ]
}

/** Says of a route of an earlier product since when it is one, until when it is answered, and what takes its place. */
export const tellLegacy = (
  reply: FastifyReply,
  { legacy }: Route,
  params: Record<string, string>,
): string[] => {
  if (legacy === undefined) return []
  reply
    .header('deprecation', `@${Date.parse(LEGACY_SINCE) / 1000}`)
    .header('sunset', new Date(LEGACY_UNTIL).toUTCString())
  // A name that this route does not have stays in braces: the caller has to fill it in.
  const place = legacy.replace(/\{(\w+)\}/g, (whole, name: string) =>
    params[name] === undefined ? whole : encodeURIComponent(params[name]),
  )
  return place.includes('{') ? [] : [`<${place}>; rel="successor-version"`]
}
