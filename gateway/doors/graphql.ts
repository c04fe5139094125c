import { HeaderMap, type HTTPGraphQLRequest } from '@apollo/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Documents } from '../documents.ts'
import { EncodedBody, MethodNotAllowed, UnsupportedMediaType } from '../errors.ts'
import type { Executor } from '../execute.ts'
import type { Caller, Identity } from '../identity/index.ts'
import { callerOf, contextOf, tellBeside } from './callers.ts'
import { paramsOf, type Resolved, resolved } from './graphql-params.ts'
import { openGraphqlStream, type StreamOptions, wantsStream } from './graphql-stream.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once checked. Null at doors that are open to everybody. */
    visitor: Caller | null
  }
}

interface Options extends StreamOptions {
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
  const { executor, identity, documents } = options
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
      const context = contextOf(request, reply, caller, executor, { isRead })
      const answer = await executor.http(apolloRequest(request, ask), context)
      const { headers, body, status = 200 } = answer
      for (const [name, value] of headers) reply.header(name, value)
      tellBeside(reply, context)
      if (body.kind !== 'complete') throw new Error('incremental delivery is not served')
      return reply.code(statusOf(status, reply, body.string)).send(body.string)
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
