import { HeaderMap, type HTTPGraphQLRequest } from '@apollo/server'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Asked, Documents } from '../documents.ts'
import type { Executor } from '../execute.ts'
import type { Caller, Identity } from '../identity/index.ts'
import { callerOf, contextOf, tellBeside } from './callers.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, once checked. Null at doors that are open to everybody. */
    visitor: Caller | null
  }
}

/** `/graphql` over HTTP: POST, and GET for queries. The credential is checked before the body is read. */
export const graphqlDoor = (
  app: FastifyInstance,
  options: { executor: Executor; identity: Identity; documents: Documents },
): void => {
  const { executor, identity, documents } = options
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    onRequest: async (request) => {
      request.visitor = await callerOf(request, identity)
    },
    handler: async (request, reply) => {
      const caller = request.visitor as Caller
      const asked = trusted(request, caller, documents)
      const isRead = request.method === 'GET' || !/^\s*mutation\b/.test(queryOf(asked.body) ?? 'mutation')
      const context = contextOf(request, reply, caller, executor, { isRead })
      const { headers, body, status } = await executor.http(asked, context)
      for (const [name, value] of headers) reply.header(name, value)
      tellBeside(reply, context)
      reply.code(status ?? 200)
      if (body.kind !== 'complete') throw new Error('incremental delivery is not served')
      return reply.send(body.string)
    },
  })
}

const queryOf = (body: unknown): string | undefined => {
  const query = (body as { query?: unknown } | undefined)?.query
  return typeof query === 'string' ? query : undefined
}

/** The request with the text of the catalogue where it named one. What is no single operation is left to Apollo to refuse. */
const trusted = (request: FastifyRequest, caller: Caller, documents: Documents): HTTPGraphQLRequest => {
  const headers = new HeaderMap()
  for (const [name, value] of Object.entries(request.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  const { search, searchParams } = new URL(request.url, 'http://hub')
  const asIs = { method: request.method, headers, search, body: request.body }
  if (request.method === 'GET') {
    const extensions = readJson(searchParams.get('extensions'))
    const query = documents.resolve(
      { query: searchParams.get('query'), operationName: searchParams.get('operationName'), extensions },
      caller,
    )
    searchParams.set('query', query)
    searchParams.delete('extensions')
    return { ...asIs, search: `?${searchParams}` }
  }
  if (typeof request.body !== 'object' || request.body === null || Array.isArray(request.body)) return asIs
  const { extensions: _, ...body } = request.body as Asked
  return { ...asIs, body: { ...body, query: documents.resolve(request.body, caller) } }
}

const readJson = (text: string | null): unknown => {
  if (!text) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined // No extensions then: the query itself decides.
  }
}
