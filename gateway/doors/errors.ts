import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '#kernel/clock.ts'
import { BadInput, type HubError, isHubError, NotFound, toPublic } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { GRAPHQL_ANSWER, MethodNotAllowed, RequestTooLarge, UnsupportedMediaType } from '../errors.ts'
import { problemOf, sendProblem } from '../rest/problems.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The public face of what a door threw, with its status and headers set: for doors that have words of their own. */
    publicError(error: unknown, request: FastifyRequest, reply: FastifyReply): HubError
  }
}

/** Answers what a door throws: as GraphQL on `/graphql`, as a problem everywhere else. No internals, no stack. */
export const answerErrors = (app: FastifyInstance, { log, clock }: { log: Log; clock: Clock }): void => {
  const methodsOf = rememberMethods(app)
  app.decorate('publicError', (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const shown = fromHttp(error)
    if (shown.status >= 500)
      log.error({ err: error, method: request.method, path: request.routeOptions.url }, 'a request failed')
    if (shown.status === 401) reply.header('www-authenticate', 'Bearer')
    if (shown.status === 503 || shown.after) {
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
    return sendProblem(reply, problemOf(shown))
  })
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(request.url)
    if (allowed.length === 0) return sendProblem(reply, problemOf(NotFound.with({ what: 'This address' })))
    const listed = allowed.join(', ')
    reply.header('allow', listed)
    return sendProblem(reply, problemOf(MethodNotAllowed.with({ method: request.method, allowed: listed })))
  })
}

/** Answers what Fastify refuses before it looks for a door, such as an address that is no address: its own words quote it. */
export const answerUnrouted = (error: Error, _: FastifyRequest, reply: FastifyReply): FastifyReply =>
  sendProblem(reply, problemOf(fromHttp(error)))

/** Notes every route that is opened from now on. @returns the methods that an address takes, none where it is no address of ours */
const rememberMethods = (app: FastifyInstance): ((url: string) => string[]) => {
  const routes: { parts: string[]; methods: string[] }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ parts: url.split('/'), methods: [method].flat() })
  })
  return (url) => {
    const asked = (url.split('?')[0] ?? '').split('/')
    const fits = (parts: readonly string[]) =>
      parts.length === asked.length && parts.every((part, n) => part.startsWith(':') || part === asked[n])
    return [...new Set(routes.flatMap(({ parts, methods }) => (fits(parts) ? methods : [])))].sort()
  }
}

/** Fastify refuses bad requests with errors of its own, whose words may quote the request. */
const fromHttp = (error: unknown): HubError => {
  if (isHubError(error) || !(error instanceof Error) || !('statusCode' in error)) return toPublic(error)
  if (error.statusCode === 413) return RequestTooLarge.with({}, { cause: error })
  if (error.statusCode === 415) return UnsupportedMediaType.with({}, { cause: error })
  if (typeof error.statusCode === 'number' && error.statusCode >= 400 && error.statusCode < 500)
    return BadInput.with({ field: 'request', reason: 'cannot be read' }, { cause: error })
  return toPublic(error)
}
