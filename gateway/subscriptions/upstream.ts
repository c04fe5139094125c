import { WebSocket } from 'ws'
import type { Log } from '#kernel/log.ts'
import { PRINCIPAL_HEADER, type Principal, type PrincipalSeal } from '#kernel/principal.ts'

/** One message of a subgraph's stream, as it came. */
export interface UpstreamResult {
  data?: Record<string, unknown> | null
  errors?: readonly { message: string; extensions?: Record<string, unknown>; path?: (string | number)[] }[]
  extensions?: { cursor?: string } & Record<string, unknown>
}

export interface Sink {
  next(result: UpstreamResult): void
  /** The subgraph refused the subscription, or broke it off with a reason. */
  refused(errors: NonNullable<UpstreamResult['errors']>): void
  /** The stream ended without a reason: the connection was lost, or the subgraph is stopping. */
  lost(): void
}

interface Payload {
  query: string
  operationName?: string | undefined
  variables: Record<string, unknown>
}

const PING_MS = 10_000
const ACK_WITHIN_MS = 5_000

/**
 * Connections to subgraphs (graphql-transport-ws): one for each subgraph and principal, shared by the subscriptions of
 * that principal, closed with the last of them. A lost connection is not mended here: each stream resumes on its own,
 * from its own cursor, over a new connection with a newly signed principal.
 */
export class Upstreams implements AsyncDisposable {
  readonly #options: { urls: Readonly<Record<string, string>>; seal: PrincipalSeal; log: Log }
  readonly #connections = new Map<string, Connection>()

  constructor(options: { urls: Readonly<Record<string, string>>; seal: PrincipalSeal; log: Log }) {
    this.#options = options
  }

  /** How many connections are open. */
  get size(): number {
    return this.#connections.size
  }

  /** Starts a stream. The sink is called later, never within this call, and not at all after the returned end. */
  subscribe(part: string, principal: Principal, payload: Payload, sink: Sink): () => void {
    const key = JSON.stringify([part, principal])
    let connection = this.#connections.get(key)
    if (!connection) {
      const { urls, seal, log } = this.#options
      connection = new Connection({
        url: `${urls[part]}/graphql`.replace(/^http/, 'ws'),
        hello: async () => ({ [PRINCIPAL_HEADER]: await seal.sign(principal) }),
        log,
        gone: () => {
          if (this.#connections.get(key) === connection) this.#connections.delete(key)
        },
      })
      this.#connections.set(key, connection)
    }
    return connection.subscribe(payload, sink)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of [...this.#connections.values()]) connection.end()
  }
}

class Connection {
  readonly #socket: WebSocket
  readonly #sinks = new Map<string, { sink: Sink; payload: Payload }>()
  readonly #gone: () => void
  readonly #timers = new Set<NodeJS.Timeout>()
  #acknowledged = false
  #ended = false
  #nextId = 1

  constructor(options: {
    url: string
    hello: () => Promise<Record<string, unknown>>
    log: Log
    gone: () => void
  }) {
    this.#gone = options.gone
    const socket = new WebSocket(options.url, 'graphql-transport-ws')
    this.#socket = socket
    const ack = this.#after(ACK_WITHIN_MS, () => socket.terminate())
    socket.on('open', () => {
      options.hello().then(
        (payload) => this.#send({ type: 'connection_init', payload }),
        (error) => {
          options.log.error({ err: error }, 'a principal could not be signed')
          socket.terminate()
        },
      )
    })
    socket.on('message', (data) => {
      const message = readMessage(String(data))
      if (message?.type === 'connection_ack') {
        clearTimeout(ack)
        this.#acknowledged = true
        for (const [id, { payload }] of this.#sinks) this.#send({ id, type: 'subscribe', payload })
        this.#watch()
      } else if (message) this.#receive(message)
    })
    // 'close' follows every error and is where streams are told.
    socket.on('error', (error) => options.log.debug({ err: error }, 'a connection to a subgraph failed'))
    socket.on('close', () => this.end())
  }

  subscribe(payload: Payload, sink: Sink): () => void {
    const id = String(this.#nextId++)
    this.#sinks.set(id, { sink, payload })
    if (this.#acknowledged) this.#send({ id, type: 'subscribe', payload })
    return () => {
      if (!this.#sinks.delete(id)) return
      if (this.#acknowledged) this.#send({ id, type: 'complete' })
      if (this.#sinks.size === 0) this.end()
    }
  }

  /** Closes it and tells every stream that is still on it. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#gone()
    for (const timer of this.#timers) clearTimeout(timer)
    if (this.#acknowledged && this.#socket.readyState === WebSocket.OPEN) this.#socket.close(1000)
    else this.#socket.terminate()
    const sinks = [...this.#sinks.values()]
    this.#sinks.clear()
    for (const { sink } of sinks) sink.lost()
  }

  #receive(message: Message): void {
    if (message.type === 'ping') this.#send({ type: 'pong' })
    const id = message.id ?? ''
    const found = this.#sinks.get(id)
    if (!found) return
    if (message.type === 'next') found.sink.next(message.payload as UpstreamResult)
    if (message.type !== 'error' && message.type !== 'complete') return
    this.#sinks.delete(id)
    if (message.type === 'error') found.sink.refused(message.payload as NonNullable<UpstreamResult['errors']>)
    else found.sink.lost()
    if (this.#sinks.size === 0) this.end()
  }

  /** A connection whose other side has gone without a word is found by an unanswered ping. */
  #watch(): void {
    const dead = this.#after(2 * PING_MS, () => this.#socket.terminate())
    this.#socket.on('pong', () => dead.refresh())
    const ping = this.#after(PING_MS, () => {
      this.#socket.ping()
      ping.refresh()
    })
  }

  #after(ms: number, run: () => void): NodeJS.Timeout {
    const timer = setTimeout(run, ms)
    this.#timers.add(timer)
    return timer
  }

  #send(message: Record<string, unknown>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message))
  }
}

interface Message {
  type: string
  id?: string
  payload?: unknown
}

const readMessage = (text: string): Message | undefined => {
  try {
    return JSON.parse(text) as Message
  } catch {
    return undefined // Not our protocol: the ack or the next ping will be missing.
  }
}
