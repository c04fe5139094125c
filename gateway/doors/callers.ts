import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Executor, RequestContext } from '../execute.ts'
import { type Caller, credentialOf, type Identity } from '../identity/index.ts'

/** Who sends a request. @throws UNAUTHENTICATED, FORBIDDEN or HUB_UNAVAILABLE */
export const callerOf = (request: FastifyRequest, identity: Identity): Promise<Caller> =>
  identity.identify(credentialOf(request.headers))

/**
 * What an operation takes along. It ends at the deadline, and for reads also when nobody waits any more: a write that
 * was begun is finished either way.
 */
export const contextOf = (
  request: FastifyRequest,
  reply: FastifyReply,
  caller: Caller,
  executor: Executor,
  { isRead }: { isRead: boolean },
): RequestContext => {
  const over = new AbortController()
  const deadline = setTimeout(() => over.abort(), executor.limits.deadlineMs)
  reply.raw.once('close', () => {
    clearTimeout(deadline)
    if (isRead && !reply.raw.writableEnded) over.abort()
  })
  const after = request.headers['x-hub-after']
  return {
    caller,
    signal: over.signal,
    ...(typeof after === 'string' && after.length < 500 ? { after } : {}),
    behind: new Set(),
    cookies: [],
    log: executor.log,
  }
}

/** Says which parts answered without the caller's last write, and sets the cookies that parts wanted set. */
export const tellBeside = (reply: FastifyReply, { behind, cookies }: RequestContext): void => {
  if (behind.size > 0) reply.header('x-hub-behind', [...behind].sort().join(', '))
  if (cookies.length > 0) reply.header('set-cookie', cookies).header('cache-control', 'no-store')
}
