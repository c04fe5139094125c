import type { Server } from 'node:http'
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  parse,
  validate,
} from 'graphql'
import { CloseCode } from 'graphql-ws'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { isHubError } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { PRINCIPAL_HEADER, type Principal } from '#kernel/principal.ts'
import { asGraphQLError, publicError } from './errors.ts'
import type { StreamItem } from './subscriptions.ts'

export interface SocketOptions {
  schema: GraphQLSchema
  /** Answers who speaks. Throws UNAUTHENTICATED. */
  verify(token: string | undefined): Promise<Principal>
  /** A new context: one for subscribing, then one for each event, so that no event sees what another one loaded. */
  context(principal: Principal): unknown
  log: Log
}

const MOST_BYTES = 1 << 20
const MOST_DOCUMENTS = 500

/**
 * Serves subscriptions (graphql-transport-ws) on `/graphql` of the HTTP server's own port. The principal comes in the
 * payload of `connection_init`; without a valid one the socket closes with 4401.
 */
export const serveSocket = (server: Server, options: SocketOptions): AsyncDisposable => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_BYTES })
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?')[0] !== '/graphql') return socket.destroy()
    sockets.handleUpgrade(request, socket, head, (ws) => sockets.emit('connection', ws, request))
  })
  const principals = new WeakMap<object, Principal>()
  const read = reader(options.schema)
  const graphql = useServer(
    {
      onConnect: async (ctx) => {
        try {
          const token = ctx.connectionParams?.[PRINCIPAL_HEADER]
          principals.set(
            ctx.extra.socket,
            await options.verify(typeof token === 'string' ? token : undefined),
          )
          return true
        } catch (error) {
          const known = isHubError(error) && error.status === 401
          if (!known) options.log.error({ err: error }, 'a socket could not be opened')
          ctx.extra.socket.close(
            known ? CloseCode.Unauthorized : CloseCode.InternalServerError,
            'UNAUTHENTICATED',
          )
          return false
        }
      },
      onSubscribe: (ctx, _id, payload): ExecutionArgs | readonly GraphQLError[] => {
        const document = read(payload.query)
        if (!('kind' in document)) return document
        if (getOperationAST(document, payload.operationName)?.operation !== 'subscription')
          return [refusal('Only subscriptions are served here. Send queries and mutations by POST.')]
        const principal = principals.get(ctx.extra.socket) as Principal
        return {
          schema: options.schema,
          document,
          operationName: payload.operationName,
          variableValues: payload.variables,
          contextValue: principal,
        }
      },
      subscribe: (args) => open(args, options),
    },
    sockets,
  )
  return {
    [Symbol.asyncDispose]: async () => {
      await graphql.dispose()
      for (const socket of sockets.clients) socket.terminate()
      await new Promise((resolve) => sockets.close(resolve))
    },
  }
}

const refusal = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } })

/** Parses and validates, remembering documents: every client of a page sends the same few. */
const reader = (schema: GraphQLSchema) => {
  const known = new Map<string, DocumentNode | readonly GraphQLError[]>()
  return (query: string): DocumentNode | readonly GraphQLError[] => {
    let found = known.get(query)
    if (!found) {
      found = check(schema, query)
      if (known.size >= MOST_DOCUMENTS) known.clear()
      known.set(query, found)
    }
    return found
  }
}

const check = (schema: GraphQLSchema, query: string): DocumentNode | readonly GraphQLError[] => {
  try {
    const document = parse(query)
    const errors = validate(schema, document)
    return errors.length > 0 ? errors : document
  } catch (error) {
    if (error instanceof GraphQLError) return [error]
    throw error
  }
}

/** Opens the source, then executes the operation once per event, with the event's value at the root. */
const open = async (
  args: ExecutionArgs,
  { context, log }: SocketOptions,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> => {
  const principal = args.contextValue as Principal
  const source = await createSourceEventStream({ ...args, contextValue: context(principal) })
  // What refuses a subscription arrives as its only result, as what breaks it later arrives as its last.
  if (!(Symbol.asyncIterator in source))
    return { errors: (source.errors ?? []).map((e) => asGraphQLError(e, log)) }
  const field = rootField(args)
  const events = (source as AsyncIterable<StreamItem<unknown>>)[Symbol.asyncIterator]()
  let ended = false
  const answer = async ({ cursor, value }: StreamItem<unknown>): Promise<ExecutionResult> => {
    const result = await execute({ ...args, contextValue: context(principal), rootValue: { [field]: value } })
    return { ...shown(result, log), extensions: { cursor } }
  }
  const results: AsyncIterableIterator<ExecutionResult> = {
    // Not an async generator: its return() would wait until the next event has come.
    next: async () => {
      if (ended) return { done: true, value: undefined }
      try {
        const next = await events.next()
        return next.done ? { done: true, value: undefined } : { done: false, value: await answer(next.value) }
      } catch (error) {
        // A broken stream ends with its reason as the last result: thrown, it would close the socket of everybody on it.
        ended = true
        await events.return?.()
        return { done: false, value: { errors: [asGraphQLError(error, log)] } }
      }
    },
    return: async () => {
      ended = true
      await events.return?.()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => results,
  }
  return results
}

const shown = (result: ExecutionResult, log: Log): ExecutionResult =>
  result.errors
    ? { ...result, errors: result.errors.map((error) => publicError(error, log) as unknown as GraphQLError) }
    : result

/** The name of the one root field that a valid subscription has. */
const rootField = ({ document, operationName }: ExecutionArgs): string => {
  const [selection] = getOperationAST(document, operationName)?.selectionSet.selections ?? []
  if (selection?.kind === 'Field') return selection.name.value
  throw refusal('A subscription must name its one field directly, without a fragment.')
}
