import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '#kernel/clock.ts'
import { BadInput, type HubError, isHubError, NotFound, toPublic } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { NotJson, RequestTooLarge } from '../errors.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The public face of what a door threw, with its status and headers set: for doors that have words of their own. */
    publicError(error: unknown, request: FastifyRequest, reply: FastifyReply): HubError
  }
}

/** The problem of a REST answer (RFC 9457). */
export const problem = (error: HubError, more: Record<string, unknown> = {}) => ({
  type: 'about:blank',
  title: error.code,
  status: error.status,
  detail: error.message,
  code: error.code,
  ...more,
})

const GRAPHQL_ANSWER = 'application/graphql-response+json'

/** Answers what a door throws: as GraphQL on `/graphql`, as a problem everywhere else. No internals, no stack. */
export const answerErrors = (app: FastifyInstance, { log, clock }: { log: Log; clock: Clock }): void => {
  app.decorate('publicError', (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const shown = fromHttp(error)
    if (shown.status >= 500)
      log.error({ err: error, method: request.method, path: request.routeOptions.url }, 'a request failed')
    if (shown.status === 401) reply.header('www-authenticate', 'Bearer')
    if (shown.status === 503) {
      const seconds = shown.after ? (shown.after.getTime() - clock.now().getTime()) / 1000 : 1
      reply.header('retry-after', String(Math.max(1, Math.ceil(seconds))))
    }
    reply.code(shown.status)
    return shown
  })
  app.setErrorHandler((error, request, reply) => {
    const shown = app.publicError(error, request, reply)
    if (request.routeOptions.url === '/graphql') {
      const knowsGraphql = request.headers.accept?.includes(GRAPHQL_ANSWER)
      return reply
        .type(`${knowsGraphql ? GRAPHQL_ANSWER : 'application/json'}; charset=utf-8`)
        .send({ errors: [{ message: shown.message, extensions: { code: shown.code } }] })
    }
    return reply.type('application/problem+json').send(JSON.stringify(problem(shown)))
  })
  app.setNotFoundHandler((_, reply) => {
    const error = NotFound.with({ what: 'This address' })
    return reply
      .code(404)
      .type('application/problem+json')
      .send(JSON.stringify(problem(error)))
  })
}

/** Answers what Fastify refuses before it looks for a door, such as an address that is no address: its own words quote it. */
export const answerUnrouted = (error: Error, _: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const shown = fromHttp(error)
  return reply
    .code(shown.status)
    .type('application/problem+json')
    .send(JSON.stringify(problem(shown)))
}

/** Fastify refuses bad requests with errors of its own, whose words may quote the request. */
const fromHttp = (error: unknown): HubError => {
  if (isHubError(error) || !(error instanceof Error) || !('statusCode' in error)) return toPublic(error)
  if (error.statusCode === 415) return NotJson.with({}, { cause: error })
  if (error.statusCode === 413) return RequestTooLarge.with({}, { cause: error })
  if (typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500)
    return BadInput.with({ field: 'request', reason: 'cannot be read' }, { cause: error })
  return toPublic(error)
}
