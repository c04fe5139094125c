import type { IncomingMessage, Server } from 'node:http'
import { type DocumentNode, type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import { type HubError, isHubError, toPublic } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import type { Documents } from '../documents.ts'
import { asGraphQLError, publicError, revive } from '../errors.ts'
import type { Ask, Executor, RequestContext } from '../execute.ts'
import { type Caller, credentialOf, type Identity } from '../identity/index.ts'
import { type CredentialWatch, keyOf } from '../identity/watch.ts'
import { Tally } from '../limits/tally.ts'
import { CLOSE } from '../subscriptions/close.ts'
import type { Follower, FollowerLimits } from '../subscriptions/follower.ts'
import { GatheringSocket } from '../subscriptions/gathering-socket.ts'
import { type Prepared, prepare, readOperation } from '../subscriptions/plan.ts'
import { STREAM_LIMITS } from '../subscriptions/stream.ts'

export interface SocketLimits extends FollowerLimits {
  /** Sockets of one principal. */
  sockets: number
}

export const SOCKET_LIMITS: SocketLimits = { ...STREAM_LIMITS, sockets: 50, subscriptions: 200 }

interface Session {
  caller: Caller
  /** Who it is and with which rights: what limits are counted by. */
  key: string
  socket: WebSocket
  unwatch(): void
}

/** What a subscription or operation needs once it was checked. */
interface Ready {
  session: Session
  ask: Ask
  document: DocumentNode
  prepared?: Prepared
}

interface Options {
  executor: Executor
  identity: Identity
  documents: Documents
  follower: Follower
  watch: CredentialWatch
  limits: SocketLimits
  log: Log
}

const MOST_BYTES = 256 * 1024

/** `/graphql` over WebSocket (graphql-transport-ws): subscriptions, and operations of every other kind. */
export const subscriptionsDoor = (server: Server, options: Options): AsyncDisposable => {
  const { executor, identity, documents, follower, watch, limits, log } = options
  const wss = new WebSocketServer({ noServer: true, maxPayload: MOST_BYTES, WebSocket: GatheringSocket })
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    if (request.url?.split('?')[0] !== '/graphql') return socket.destroy()
    wss.handleUpgrade(request, socket, head, (ws) => {
      ws.carriedBy(socket)
      wss.emit('connection', ws, request)
    })
  })
  const sessions = new Map<WebSocket, Session>()
  const sockets = new Tally()
  const { deadlineMs } = executor.limits
  const contextFor = (caller: Caller, signal: AbortSignal): RequestContext => ({
    caller,
    signal,
    behind: new Set(),
    cookies: [],
    log,
  })

  const ready = (session: Session, payload: Record<string, unknown>): Ready | readonly GraphQLError[] => {
    const query = documents.resolve(payload, session.caller)
    const operationName = typeof payload.operationName === 'string' ? payload.operationName : undefined
    const variables = (payload.variables ?? {}) as Record<string, unknown>
    const ask: Ask = { query, operationName, variables }
    const { document, operation } = readOperation(ask, executor.limits)
    if (operation.operation !== 'subscription') return { session, ask, document }
    const prepared = prepare(executor.snapshot, ask, executor.limits)
    return 'part' in prepared ? { session, ask, document, prepared } : prepared
  }

  const door = useServer<Record<string, unknown>, { socket: WebSocket; request: IncomingMessage }>(
    {
      onConnect: async (ctx) => {
        const { socket, request } = ctx.extra
        const credential = credentialOf(ctx.connectionParams ?? {}) ?? credentialOf(request.headers)
        try {
          const caller = await identity.callerOf(request, credential)
          // It may have gone while hub was asked: then nobody would ever take it off the list.
          if (socket.readyState !== socket.OPEN) return false
          const key = keyOf(caller)
          if (!sockets.take(key, limits.sockets)) return refuse(socket, CLOSE.tooManySockets)
          const over = (why: HubError | undefined) =>
            socket.close(...(why ? closeFor(why) : CLOSE.credentialExpired))
          sessions.set(socket, { caller, key, socket, unwatch: watch.watch({ caller, credential, over }) })
          return true
        } catch (error) {
          const shown = toPublic(error)
          if (!isHubError(error)) log.error({ err: error }, 'a socket could not be opened')
          return refuse(socket, closeFor(shown))
        }
      },
      onSubscribe: (ctx, _id, payload): ExecutionArgs | readonly GraphQLError[] => {
        const session = sessions.get(ctx.extra.socket)
        if (!session) return [new GraphQLError('The socket is closing.')]
        try {
          const answer = ready(session, payload as unknown as Record<string, unknown>)
          if (!('session' in answer)) return answer.map((error) => revive(publicError(error, log)))
          return {
            schema: executor.snapshot.schema,
            document: answer.document,
            operationName: answer.ask.operationName,
            contextValue: answer,
          }
        } catch (error) {
          return [revive(publicError(error, log))]
        }
      },
      execute: async (args) => {
        const { ask, session } = args.contextValue as Ready
        const { errors, ...result } = await executor.run(
          ask,
          contextFor(session.caller, AbortSignal.timeout(deadlineMs)),
        )
        return { ...result, ...(errors ? { errors: errors.map(revive) } : {}) } as ExecutionResult
      },
      subscribe: (args) => {
        const { prepared, session } = args.contextValue as Ready & { prepared: Prepared }
        const slow = () => session.socket.close(...CLOSE.slowConsumer)
        try {
          return follower.follow(prepared, session.caller, slow)
        } catch (error) {
          if (!isHubError(error)) throw error
          return { errors: [asGraphQLError(error)] }
        }
      },
      onClose: (ctx) => {
        const session = sessions.get(ctx.extra.socket)
        session?.unwatch()
        if (session) sockets.give(session.key)
        sessions.delete(ctx.extra.socket)
      },
    },
    wss,
  )

  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.race([door.dispose(), new Promise((resolve) => setTimeout(resolve, 500).unref())])
      for (const socket of wss.clients) socket.terminate()
      wss.close()
    },
  }
}

const refuse = (socket: WebSocket, [code, reason]: readonly [number, string]): false => {
  socket.close(code, reason)
  return false
}

const closeFor = (error: HubError): readonly [number, string] => {
  if (error.status === 401) return CLOSE.unauthenticated
  return error.status === 403 ? CLOSE.revoked : CLOSE.unavailable
}
