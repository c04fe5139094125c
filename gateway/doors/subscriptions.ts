import type { IncomingMessage, Server } from 'node:http'
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Clock } from '#kernel/clock.ts'
import { type HubError, isHubError, toPublic } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import type { Documents } from '../documents.ts'
import { asGraphQLError, publicError, revive, TooManySubscriptions } from '../errors.ts'
import type { Ask, Executor, RequestContext } from '../execute.ts'
import { type Caller, credentialOf, type Identity } from '../identity/index.ts'
import { CLOSE } from '../subscriptions/close.ts'
import { runEvent } from '../subscriptions/per-event.ts'
import { type Prepared, prepare, readOperation } from '../subscriptions/plan.ts'
import { ClientStream, STREAM_LIMITS, type StreamLimits } from '../subscriptions/stream.ts'
import type { Upstreams } from '../subscriptions/upstream.ts'

export interface SocketLimits extends StreamLimits {
  /** Sockets of one principal. */
  sockets: number
  /** Subscriptions of one principal, over all its sockets. */
  subscriptions: number
}

export const SOCKET_LIMITS: SocketLimits = { ...STREAM_LIMITS, sockets: 50, subscriptions: 200 }

interface Session {
  caller: Caller
  /** Who it is and with which rights: what limits are counted by. */
  key: string
  credential: string | undefined
  socket: WebSocket
  checkedAt: number
}

/** What a subscription or operation needs once it was checked. */
interface Ready {
  session: Session
  ask: Ask
  prepared?: Prepared
}

interface Options {
  executor: Executor
  identity: Identity
  documents: Documents
  upstreams: Upstreams
  /** The place `now` in a subgraph's log. */
  position(part: string, caller: Caller): Promise<string | undefined>
  limits: SocketLimits
  clock: Clock
  log: Log
}

const MOST_BYTES = 256 * 1024
const SWEEP_MS = 1_000
/** A revoked caller keeps its sockets no longer than this and what hub's answers are remembered for. */
const RECHECK_MS = 10_000

/** `/graphql` over WebSocket (graphql-transport-ws): subscriptions, and operations of every other kind. */
export const subscriptionsDoor = (server: Server, options: Options): AsyncDisposable => {
  const { executor, identity, documents, limits, clock, log } = options
  const wss = new WebSocketServer({ noServer: true, maxPayload: MOST_BYTES })
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    if (request.url?.split('?')[0] !== '/graphql') return socket.destroy()
    wss.handleUpgrade(request, socket, head, (ws) => wss.emit('connection', ws, request))
  })
  const sessions = new Map<WebSocket, Session>()
  const sockets = new Tally()
  const running = new Tally()
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
    if (readOperation(ask, executor.limits).operation.operation !== 'subscription') return { session, ask }
    const prepared = prepare(executor.snapshot, ask, executor.limits)
    return 'part' in prepared ? { session, ask, prepared } : prepared
  }

  const open = ({ session, prepared }: Ready & { prepared: Prepared }): ClientStream => {
    const { caller, socket } = session
    const { part, upstream, cursorVariable } = prepared
    return new ClientStream({
      isResumable: cursorVariable !== undefined,
      after: prepared.after,
      limits,
      position: () => options.position(part, caller),
      subscribe: (after, sink) => {
        const cursor = cursorVariable ? { [cursorVariable]: after ?? null } : {}
        const payload = { ...upstream, variables: { ...upstream.variables, ...cursor } }
        return options.upstreams.subscribe(part, caller.principal, payload, sink)
      },
      run: (event, signal) =>
        runEvent(event, { prepared, clock, signal, deadlineMs, context: (over) => contextFor(caller, over) }),
      slow: () => socket.close(...CLOSE.slowConsumer),
    })
  }

  const door = useServer<Record<string, unknown>, { socket: WebSocket; request: IncomingMessage }>(
    {
      onConnect: async (ctx) => {
        const { socket, request } = ctx.extra
        const credential = credentialOf(ctx.connectionParams ?? {}) ?? credentialOf(request.headers)
        try {
          const caller = await identity.identify(credential)
          // It may have gone while hub was asked: then nobody would ever take it off the list.
          if (socket.readyState !== socket.OPEN) return false
          const key = keyOf(caller)
          if (!sockets.take(key, limits.sockets)) return refuse(socket, CLOSE.tooManySockets)
          sessions.set(socket, { caller, key, credential, socket, checkedAt: clock.now().getTime() })
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
          const { document } = readOperation(answer.ask, executor.limits)
          return {
            schema: executor.snapshot.schema,
            document,
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
        const asked = args.contextValue as Ready & { prepared: Prepared }
        const { key } = asked.session
        if (!running.take(key, limits.subscriptions))
          return { errors: [asGraphQLError(TooManySubscriptions.with({ most: limits.subscriptions }))] }
        return counted(open(asked), () => running.give(key))
      },
      onClose: (ctx) => {
        const session = sessions.get(ctx.extra.socket)
        if (session) sockets.give(session.key)
        sessions.delete(ctx.extra.socket)
      },
    },
    wss,
  )

  const sweep = setInterval(() => {
    const now = clock.now().getTime()
    for (const session of sessions.values()) {
      const { caller, key, socket } = session
      if (caller.expiresAt && caller.expiresAt.getTime() <= now) socket.close(...CLOSE.credentialExpired)
      else if (Math.abs(now - session.checkedAt) >= RECHECK_MS) {
        session.checkedAt = now
        identity.identify(session.credential).then(
          (again) => {
            // Other rights than it was opened with: the client opens a new one with those it has now.
            if (keyOf(again) !== key) socket.close(...CLOSE.credentialExpired)
          },
          (error) => {
            if (isHubError(error) && error.status < 500) socket.close(...closeFor(error))
          },
        )
      }
    }
  }, SWEEP_MS)

  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(sweep)
      await Promise.race([door.dispose(), new Promise((resolve) => setTimeout(resolve, 500).unref())])
      for (const socket of wss.clients) socket.terminate()
      wss.close()
    },
  }
}

/** How many of something each caller holds. Counted, not searched for: a thousand sockets may come back at once. */
class Tally {
  private readonly held = new Map<string, number>()

  /** Whether the caller holds one more now: false, and nothing taken, when it holds as many as it may. */
  take(key: string, most: number): boolean {
    const now = this.held.get(key) ?? 0
    if (now >= most) return false
    this.held.set(key, now + 1)
    return true
  }

  give(key: string): void {
    const left = (this.held.get(key) ?? 0) - 1
    if (left > 0) this.held.set(key, left)
    else this.held.delete(key)
  }
}

/** One caller with one set of rights. */
const keyOf = (caller: Caller): string => JSON.stringify(caller.principal)

const refuse = (socket: WebSocket, [code, reason]: readonly [number, string]): false => {
  socket.close(code, reason)
  return false
}

const closeFor = (error: HubError): readonly [number, string] => {
  if (error.status === 401) return CLOSE.unauthenticated
  return error.status === 403 ? CLOSE.revoked : CLOSE.unavailable
}

/** The stream, telling once when it has ended. */
const counted = (stream: ClientStream, ended: () => void): AsyncGenerator<ExecutionResult, undefined> => {
  let isOpen = true
  const end = () => {
    if (isOpen) ended()
    isOpen = false
  }
  return {
    next: async () => {
      try {
        const result = await stream.next()
        if (result.done) end()
        return result
      } catch (error) {
        end()
        throw error
      }
    },
    return: () => {
      end()
      return stream.return()
    },
    throw: async (error) => {
      end()
      await stream.return()
      throw error
    },
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: async () => {
      end()
      await stream.return()
    },
  }
}
