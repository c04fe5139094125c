import { HeaderMap, type HTTPGraphQLRequest } from '@apollo/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { OperationTypeNode } from 'graphql'
import { hasSecret } from '#operations/secrets.ts'
import type { Documents } from '../documents.ts'
import { EncodedBody, MethodNotAllowed, UnsupportedMediaType } from '../errors.ts'
import type { Executor, RequestContext } from '../execute.ts'
import type { Caller, Identity } from '../identity/index.ts'
import { type Kept, keyOf, madeOnce, type Once } from '../once.ts'
import { readOperation } from '../subscriptions/plan.ts'
import { callerOf, contextOf, tellBeside } from './callers.ts'
import { nameOf, paramsOf, type Resolved, resolved } from './graphql-params.ts'
import { openGraphqlStream, type StreamOptions, wantsStream } from './graphql-stream.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once checked. Null at doors that are open to everybody. */
    visitor: Caller | null
  }
}

interface Options extends StreamOptions {
  once: Once
  executor: Executor
  identity: Identity
  documents: Documents
}

const PATH = '/graphql'
const METHODS = 'GET, POST'
const JSON_ANSWER = 'application/json'
/** What GraphQL over HTTP calls a document that cannot be run. */
const UNFIT = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
])

/**
 * `/graphql` over HTTP: POST, GET for queries, and either of them as a stream of events. The credential is checked before
 * the body is read.
 */
export const graphqlDoor = (app: FastifyInstance, options: Options): void => {
  const { executor, identity, documents, once } = options
  const stream = openGraphqlStream(options)
  const visited = async (request: FastifyRequest) => {
    request.visitor = await callerOf(request, identity)
  }
  app.route({
    method: ['GET', 'POST'],
    url: PATH,
    onRequest: async (request) => {
      await visited(request)
      if (request.method === 'POST') mustBeJson(request)
    },
    handler: async (request, reply) => {
      const caller = request.visitor as Caller
      const params = paramsOf(request)
      const ask = params && resolved(params, documents, caller)
      if (ask && wantsStream(request, ask, executor)) return stream(request, reply, ask)
      // A comment may stand before the keyword, and another operation before the one that is run.
      const isRead = request.method === 'GET' || !/\bmutation\b/.test(ask?.query ?? 'mutation')
      const begin = () => contextOf(request, reply, caller, executor, { isRead })
      const make = async (context: RequestContext): Promise<Kept> => {
        const { headers, body, status = 200 } = await executor.http(apolloRequest(request, ask), context)
        tellBeside(reply, context)
        if (body.kind !== 'complete') throw new Error('incremental delivery is not served')
        return { status, headers: Object.fromEntries(headers), body: body.string }
      }
      const change = isRead ? undefined : keyedChange(request, ask, executor)
      const context = begin()
      if (!change || context.planning?.kind === 'plan') return send(reply, await make(context))
      const asked = [PATH, ask?.query, ask?.operationName, ask?.variables, context.planning]
      const of = { ...{ asked, begin, caller: caller.principal }, waitMs: executor.limits.deadlineMs }
      const { answer, isReplayed } = await madeOnce(once, { ...of, key: change.key }, async (turn) => {
        const answer = await make(turn)
        return { answer, isFinal: isDone(answer), isSecret: change.isSecret }
      })
      if (isReplayed) reply.header('idempotent-replayed', 'true')
      return send(reply, answer)
    },
  })
  app.route({
    method: ['PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: PATH,
    onRequest: async ({ method }, reply) => {
      reply.header('allow', METHODS)
      throw MethodNotAllowed.with({ method, allowed: METHODS })
    },
    handler: async () => undefined,
  })
}

const send = (reply: FastifyReply, { status, headers, body }: Kept): FastifyReply => {
  reply.headers(headers)
  return reply.code(statusOf(status, reply, body)).send(body)
}

/**
 * The key of a change that is to be made once. What cannot be read is left to be refused in the usual words.
 * @throws BAD_INPUT when what is sent as a key is none
 */
const keyedChange = (
  { headers }: FastifyRequest,
  ask: Resolved | undefined,
  { snapshot, limits }: Executor,
): { key: string; isSecret: boolean } | undefined => {
  const key = keyOf(headers['idempotency-key'])
  if (key === undefined || !ask) return undefined
  try {
    const { document, operation } = readOperation({ query: ask.query, operationName: nameOf(ask) }, limits)
    if (operation.operation !== OperationTypeNode.MUTATION) return undefined
    return { key, isSecret: hasSecret(document, snapshot.schema) }
  } catch {
    return undefined
  }
}

/** Whether it is known what was done: one of the changes has answered, be it that it refused. */
const isDone = ({ body }: Kept): boolean => {
  const { data, errors } = JSON.parse(body) as { data?: Record<string, unknown> | null; errors?: unknown[] }
  return !errors?.length || Object.values(data ?? {}).some((value) => value !== null)
}

/** @throws UNSUPPORTED_MEDIA_TYPE or ENCODED_BODY */
const mustBeJson = ({ headers }: FastifyRequest): void => {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  const charset = parameters.map((one) => one.trim()).find((one) => one.startsWith('charset='))
  const isUtf8 = charset === undefined || /^charset="?utf-8"?$/.test(charset)
  if (type.trim() !== 'application/json' || !isUtf8) throw UnsupportedMediaType.with()
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw EncodedBody.with()
}

/**
 * Clients that know GraphQL's own media type are told by the status that a document cannot be run. To all others it is an
 * answer like any other, as GraphQL over HTTP wants it.
 */
const statusOf = (status: number, reply: FastifyReply, body: string): number => {
  const type = String(reply.getHeader('content-type') ?? '')
  if (status !== 400 || !type.startsWith(JSON_ANSWER)) return status
  const { errors = [] } = JSON.parse(body) as { errors?: { extensions?: { code?: string } }[] }
  return errors.every(({ extensions }) => UNFIT.has(extensions?.code ?? '')) ? 200 : status
}

/** The request with the text to run in it. What is no single operation is left to Apollo to refuse. */
const apolloRequest = (request: FastifyRequest, ask: Resolved | undefined): HTTPGraphQLRequest => {
  const headers = new HeaderMap()
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  const at = request.url.indexOf('?')
  const search = at < 0 ? '' : request.url.slice(at)
  const asIs = { method: request.method, headers, search, body: request.body }
  if (!ask) return asIs
  const { extensions: _, documentId: __, ...body } = ask
  if (request.method === 'POST') return { ...asIs, body }
  const searchParams = new URLSearchParams(search)
  searchParams.set('query', ask.query)
  for (const name of ['extensions', 'documentId']) searchParams.delete(name)
  return { ...asIs, search: `?${searchParams}` }
}
