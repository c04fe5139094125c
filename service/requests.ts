import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '#kernel/clock.ts'
import {
  BadInput,
  define,
  Forbidden,
  type HubError,
  isHubError,
  toPublic,
  Unauthenticated,
} from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { PRINCIPAL_HEADER, type Principal, type PrincipalSeal } from '#kernel/principal.ts'

const BodyTooLarge = define('BODY_TOO_LARGE', {
  status: 413,
  retry: 'never',
  says: 'The request is too large. Send it in several parts.',
})

/** The signed principal a request carries, unverified. */
export const tokenOf = (request: FastifyRequest): string | undefined => {
  const token = request.headers[PRINCIPAL_HEADER]
  return typeof token === 'string' ? token : undefined
}

/**
 * Who calls a route beside the graph.
 * @throws UNAUTHENTICATED without a valid signed principal, FORBIDDEN for those who may see some customers only: what a
 *   route answers is not cut to them
 */
export const callerOf = async (request: FastifyRequest, seal: PrincipalSeal): Promise<Principal> => {
  const caller = await seal.verify(tokenOf(request))
  if (caller.customers) throw Forbidden.with()
  return caller
}

/** Lets only the hub's own processes through. @throws UNAUTHENTICATED for everybody else */
export const systemCaller = async (request: FastifyRequest, seal: PrincipalSeal): Promise<Principal> => {
  const caller = await callerOf(request, seal)
  if (caller.kind !== 'system') throw Unauthenticated.with()
  return caller
}

/** Answers a request that failed: status, code and public sentence; what is behind it goes to the log only. */
export const answerError = (
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log, clock }: { log: Log; clock: Clock },
): FastifyReply => {
  const shown = fromHttp(error)
  if (shown.status >= 500)
    log.error({ err: error, method: request.method, path: request.routeOptions.url }, 'a request failed')
  if (shown.after || shown.status === 503) {
    const seconds = shown.after ? (shown.after.getTime() - clock.now().getTime()) / 1000 : 1
    void reply.header('retry-after', String(Math.max(1, Math.ceil(seconds))))
  }
  const { code, message } = shown
  const isGraph = request.routeOptions.url === '/graphql'
  return reply
    .code(shown.status)
    .send(isGraph ? { errors: [{ message, extensions: { code } }] } : { code, message })
}

/** Fastify refuses bad requests with errors of its own, whose words may quote the request. */
const fromHttp = (error: unknown): HubError => {
  if (isHubError(error) || !(error instanceof Error) || !('statusCode' in error)) return toPublic(error)
  if (error.statusCode === 413) return BodyTooLarge.with({}, { cause: error })
  if (typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500)
    return BadInput.with({ field: 'request', reason: 'cannot be read' }, { cause: error })
  return toPublic(error)
}
