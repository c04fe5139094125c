/** A gateway over the parts of `graph.ts`, and clients that speak to it as clients do. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import { type Issuer, openIssuer } from '#gateway/identity/issuer.ts'
import { type GatewayOptions, type RunningGateway, startGateway } from '#gateway/index.ts'
import { systemClock } from '#kernel/clock.ts'
import { openLog } from '#kernel/log.ts'
import type { RunningSubgraph } from '#service/server.ts'
import { slowConsumers } from '#telemetry/measures.ts'
import { FileLog, PART_NAMES, type PartName, SECRET, startPart } from './graph.ts'

export const supergraphSdl = readFileSync(
  join(import.meta.dirname, '../../schema/generated/supergraph.graphql'),
  'utf8',
)

export interface Answer {
  status: number
  headers: Headers
  body: {
    data?: Record<string, never> | null
    errors?: { message: string; path?: (string | number)[]; extensions: { code: string; part?: string } }[]
  }
}

export interface Graph extends AsyncDisposable {
  home: string
  log: FileLog
  issuer: Issuer
  parts: Record<PartName, RunningSubgraph>
  gateway: RunningGateway
  /** Stops one part. */
  down(name: PartName): Promise<void>
  token(role?: string, seconds?: number): Promise<string>
  /** POSTs an operation as admin, or with the token given; null sends none. */
  ask(query: string, variables?: object, token?: string | null): Promise<Answer>
}

/** Starts a gateway over parts that run already. */
export const openGateway = (
  issuer: Issuer,
  subgraphs: Readonly<Record<string, string>>,
  options: Partial<GatewayOptions> = {},
): Promise<RunningGateway> =>
  startGateway({
    port: 0,
    subgraphs,
    supergraphSdl,
    sharedSecret: SECRET,
    identity: { issuer: issuer.issuer, audience: issuer.audience, keys: { jwks: issuer.jwks }, demo: issuer },
    mode: 'development',
    clock: systemClock,
    log: openLog('gateway', 'silent'),
    ...options,
  })

/** Starts the five parts and a gateway in this process. */
export const startGraph = async (options: Partial<GatewayOptions> = {}): Promise<Graph> => {
  const home = mkdtempSync(join(tmpdir(), 'gateway-'))
  const log = new FileLog(join(home, 'log'))
  const issuer = await openIssuer({ home, clock: systemClock })
  const started = await Promise.all(
    PART_NAMES.map(async (name) => [name, await startPart(name, { log })] as const),
  )
  const parts = Object.fromEntries(started) as Record<PartName, RunningSubgraph>
  const subgraphs = Object.fromEntries(started.map(([name, part]) => [name, part.url]))
  const gateway = await openGateway(issuer, subgraphs, options)
  const up = new Set(Object.values(parts))
  const token = (role = 'admin', seconds?: number) =>
    issuer.issue({ role, org: 'demo', ...(seconds === undefined ? {} : { seconds }) })
  return {
    home,
    log,
    issuer,
    parts,
    gateway,
    down: async (name) => {
      up.delete(parts[name])
      await parts[name][Symbol.asyncDispose]()
    },
    token,
    ask: async (query, variables, given) =>
      post(`${gateway.url}/graphql`, { query, variables }, given === undefined ? await token() : given),
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]()
      await Promise.all([...up].map((part) => part[Symbol.asyncDispose]()))
      rmSync(home, { recursive: true, force: true })
    },
  }
}

export const post = async (url: string, body: unknown, token: string | null): Promise<Answer> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify(body),
  })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer['body'],
  }
}

export interface Received {
  data?: Record<string, Record<string, unknown>> | null
  errors?: readonly {
    message: string
    path?: readonly (string | number)[]
    extensions?: Record<string, unknown>
  }[]
  extensions?: { cursor?: string }
}

export interface Subscriber extends AsyncDisposable {
  results: Received[]
  /** Errors that ended the subscription. */
  failures: unknown[]
  /** Codes the socket was closed with. */
  closed: { code: number; reason: string }[]
  completed: boolean
  unsubscribe(): void
  client: Client
  /** The socket under it. */
  socket(): WebSocket | undefined
}

/** Subscribes as an ordinary graphql-ws client, without reconnecting. */
export const subscribe = (
  url: string,
  token: string | null,
  query: string,
  variables: Record<string, unknown> = {},
): Subscriber => {
  let socket: WebSocket | undefined
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: token ? { authorization: `Bearer ${token}` } : {},
    on: {
      opened: (opened) => {
        socket = opened as WebSocket
      },
      closed: (event) => subscriber.closed.push(event as { code: number; reason: string }),
    },
  })
  const subscriber: Subscriber = {
    results: [],
    failures: [],
    closed: [],
    completed: false,
    client,
    socket: () => socket,
    unsubscribe: () => end(),
    [Symbol.asyncDispose]: async () => {
      end()
      await client.dispose()
      socket?.terminate()
    },
  }
  const end = client.subscribe(
    { query, variables },
    {
      next: (result) => subscriber.results.push(result as unknown as Received),
      error: (error) => subscriber.failures.push(error),
      complete: () => {
        subscriber.completed = true
      },
    },
  )
  return subscriber
}

/** How many clients of this process's gateways were let go so far because they did not take their events. */
export const letGo = async (): Promise<number> => (await slowConsumers.get()).values[0]?.value ?? 0
