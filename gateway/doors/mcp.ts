/** `/mcp`: the Model Context Protocol over Streamable HTTP, for assistants. */
import { readFileSync } from 'node:fs'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { HubError } from '#kernel/errors.ts'
import { type Manifest, TOOLS_FILE } from '#operations/manifest.ts'
import type { Tool } from '#operations/tools.ts'
import type { Documents } from '../documents.ts'
import { ForeignOrigin } from '../errors.ts'
import type { Executor, RequestContext } from '../execute.ts'
import type { Caller, Identity } from '../identity/index.ts'
import type { Edge } from '../identity/origin.ts'
import { openLibrary } from '../mcp/resources.ts'
import { openSearch } from '../mcp/search.ts'
import { serverFor } from '../mcp/server.ts'
import { openToolbox } from '../mcp/tools.ts'
import { callerOf, contextOf, tellBeside } from './callers.ts'
import { metadataUrl } from './protected-resource.ts'

interface Options {
  executor: Executor
  identity: Identity
  documents: Documents
  manifest: Manifest
  /** Where people know the hub: its pages may call. */
  edge: Edge
}

const PATH = '/mcp'
const HERE = new Set(['localhost', '127.0.0.1', '[::1]'])
const PARSE_ERROR = -32_700
const INVALID_REQUEST = -32_600
const REFUSED = -32_000

/**
 * Each request stands for itself: there is no session to lose, so any of several gateways answers any request, and one that
 * is restarted is not noticed. A client that wants to listen for news (GET) or to end a session (DELETE) is told that there
 * is neither.
 */
export const mcpDoor = (app: FastifyInstance, options: Options): void => {
  const { executor, identity, documents, manifest } = options
  const tools = JSON.parse(readFileSync(TOOLS_FILE, 'utf8')) as Tool[]
  const { operations } = manifest
  const find = openSearch(tools, operations)
  const toolbox = openToolbox({ executor, tools, operations, find })
  const library = openLibrary({ schema: executor.snapshot.schema, tools, operations })
  const allowed = options.edge.publicUrl === undefined ? undefined : new URL(options.edge.publicUrl).origin

  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    if (Array.isArray(request.body))
      return refuse(reply, 400, INVALID_REQUEST, 'Send one message per request: batches are not taken.')
    const caller = request.visitor as Caller
    const contexts: RequestContext[] = []
    const call = {
      principal: caller.principal,
      readsSchema: documents.mayWriteOwn(caller),
      context: (isRead: boolean) => {
        const context = contextOf(request, reply, caller, executor, { isRead })
        contexts.push(context)
        return context
      },
    }
    const server = serverFor(call, { toolbox, library, log: executor.log })
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true })
    try {
      await server.connect(transport)
      const answer = await transport.handleRequest(webRequest(request), { parsedBody: request.body ?? null })
      reply.code(answer.status)
      for (const [name, value] of answer.headers) reply.header(name, value)
      for (const context of contexts) tellBeside(reply, context)
      return reply.send(await answer.text())
    } finally {
      await server.close()
    }
  }

  app.route({
    method: ['POST', 'GET', 'DELETE'],
    url: PATH,
    onRequest: async (request) => {
      const { origin } = request.headers
      if (origin !== undefined && !isOurs(origin, allowed)) throw ForeignOrigin.with()
      request.visitor = await callerOf(request, identity)
    },
    errorHandler: (error, request, reply) => {
      const shown = app.publicError(error, request, reply)
      if (shown.status === 401)
        reply.header('www-authenticate', `Bearer resource_metadata="${metadataUrl(request, options.edge)}"`)
      const code = isUnreadable(error) ? PARSE_ERROR : REFUSED
      return refuse(reply, shown.status, code, shown.message, shown)
    },
    handler: async (request, reply) =>
      request.method === 'POST'
        ? handle(request, reply)
        : refuse(
            reply.header('allow', 'POST'),
            405,
            REFUSED,
            'There is nothing to listen to and no session to end: each request stands for itself.',
          ),
  })
}

/** A page of somebody else's must not reach a hub on this machine by a name that leads here. Programs send no origin. */
const isOurs = (origin: string, allowed: string | undefined): boolean =>
  origin === allowed || (URL.canParse(origin) && HERE.has(new URL(origin).hostname))

const UNREADABLE = new Set(['FST_ERR_CTP_INVALID_JSON_BODY', 'FST_ERR_CTP_EMPTY_JSON_BODY'])
const isUnreadable = (error: unknown): boolean => UNREADABLE.has(String((error as { code?: unknown }).code))

const refuse = (reply: FastifyReply, status: number, code: number, message: string, from?: HubError) =>
  reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send({
      jsonrpc: '2.0',
      error: { code, message, ...(from ? { data: { code: from.code } } : {}) },
      id: null,
    })

/** What the SDK reads of a request: its method and headers. The body was read already. */
const webRequest = ({ headers, method, url }: FastifyRequest): Request => {
  const pairs = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
  )
  return new Request(new URL(url, 'http://hub'), { method, headers: pairs })
}
