/** The gateway: one door to the whole graph. It knows who asks, and asks the subgraphs on their behalf. */
import type { AddressInfo } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Clock } from '#kernel/clock.ts'
import { ConfigError } from '#kernel/config.ts'
import type { Log } from '#kernel/log.ts'
import { principalSeal } from '#kernel/principal.ts'
import { loadManifest, type Manifest } from '#operations/manifest.ts'
import { loadShapes } from '#operations/shape.ts'
import { closingOf } from '#service/closing.ts'
import type { Assistant } from './chat/assistant.ts'
import { openConfirmations } from './confirmations.ts'
import { openDocuments } from './documents.ts'
import { chatDoor } from './doors/chat.ts'
import { docsDoor } from './doors/docs.ts'
import { answerErrors, answerUnrouted } from './doors/errors.ts'
import { eventStreams } from './doors/event-stream.ts'
import { eventsDoor } from './doors/events.ts'
import { exportDoor } from './doors/export.ts'
import { graphiqlDoor } from './doors/graphiql.ts'
import { graphqlDoor } from './doors/graphql.ts'
import { healthDoor } from './doors/health.ts'
import { intakeDoor } from './doors/intake.ts'
import { landingDoor } from './doors/landing.ts'
import { leavingDoor } from './doors/leaving.ts'
import { mcpDoor } from './doors/mcp.ts'
import { openApiDoor } from './doors/openapi.ts'
import { problemsDoor } from './doors/problems.ts'
import { protectedResourceDoor } from './doors/protected-resource.ts'
import { restDoor } from './doors/rest.ts'
import { signInDoor } from './doors/sign-in.ts'
import { SOCKET_LIMITS, type SocketLimits, subscriptionsDoor } from './doors/subscriptions.ts'
import { openExecutor } from './execute.ts'
import { type IdentityOptions, openIdentity } from './identity/index.ts'
import type { Edge } from './identity/origin.ts'
import { followRevocations } from './identity/revocations.ts'
import { watchCredentials } from './identity/watch.ts'
import { type KeepingOptions, openKeptAnswers } from './kept/answers.ts'
import { DEFAULT_LIMITS, type Limits } from './limits/index.ts'
import { openLendingHub } from './limits/leases.ts'
import { openRates } from './limits/rates.ts'
import { measureGateway, measuringOperations } from './measuring.ts'
import { openOnce } from './once.ts'
import { planRuns } from './planning.ts'
import { openFollower } from './subscriptions/follower.ts'
import { openPositions } from './subscriptions/position.ts'
import { Upstreams } from './subscriptions/upstream.ts'
import { loadSnapshot, type Snapshot } from './supergraph/snapshot.ts'
import { SubgraphSource } from './supergraph/source.ts'

export interface GatewayOptions {
  /** 0 takes any free port. */
  port: number
  /** Default: only this machine. */
  host?: string
  /** Base addresses of the subgraphs, such as `http://127.0.0.1:4001`, by name. `hub` is asked who callers are. */
  subgraphs: Readonly<Record<string, string>>
  supergraphSdl: string
  /** What the hub's own processes share, to vouch for callers. */
  sharedSecret: string
  identity: IdentityOptions
  mode: 'development' | 'production'
  clock: Clock
  log: Log
  /** Default: the built catalogue. */
  manifest?: Manifest
  limits?: Partial<Limits>
  socketLimits?: Partial<SocketLimits>
  /** How often streams of events say that they are there, in milliseconds. */
  heartbeatMs?: number
  /**
   * How long it goes on to answer when it is told to stop, in milliseconds, so that clients leave their connections by
   * themselves. Default: not at all; what is under way is always answered.
   */
  leavesWithinMs?: number
  /** How the hub is reached from outside. Default: as requests say, through no proxy. */
  edge?: Edge
  /** A language model that helps where the chat's grammar does not get on. */
  assistant?: Assistant | undefined
  /** How often a network may try to sign in by browser at this gateway. Default 60. */
  signInsPerMinute?: number
  /** Who shows it may read measures. Default: this machine alone. */
  metricsToken?: string | undefined
  /** Answers are kept, for as long as nothing changes that they were made from. Default: they are not. */
  keeps?: KeepingOptions | undefined
}

/** A gateway that answers. Disposing it closes every socket and lets requests under way end. */
export interface RunningGateway extends AsyncDisposable {
  url: string
  port: number
  app: FastifyInstance
  snapshot: Snapshot
  /** Connections open for subscriptions towards subgraphs. */
  upstreams(): number
}

// Whoever can read the home could sign in as anybody: good for a demo only.
const NO_PROVIDER = {
  variable: 'HUB_MODE',
  problem: 'is production, but nobody signs people in except the local issuer of the demo',
  fix: 'Set JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS_URL to those of your identity provider',
}

const NO_ADDRESS = {
  variable: 'PUBLIC_URL',
  problem: 'is missing, but browsers sign in by OIDC_CLIENT_ID',
  fix: 'Set it to the address that people open, so that the identity provider can send them back',
}

/**
 * Starts the gateway. Throws when the supergraph cannot be read or names a part without an address, when the port is
 * taken, and ConfigError when production would run on the local issuer of the demo.
 */
export const startGateway = async (options: GatewayOptions): Promise<RunningGateway> => {
  const { subgraphs, clock, log, mode } = options
  if (mode === 'production' && options.identity.demo) throw new ConfigError([NO_PROVIDER])
  if (options.identity.client && mode === 'production' && !options.edge?.publicUrl)
    throw new ConfigError([NO_ADDRESS])
  const seal = principalSeal(options.sharedSecret, clock)
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  // Others must still be asked behind a part that says nothing.
  const patienceMs = (limits.deadlineMs * 2) / 3
  const kept = options.keeps && openKeptAnswers(options.keeps, { subgraphs, seal, log })
  const sources = Object.fromEntries(
    Object.entries(subgraphs).map(([name, url]) => [
      name,
      new SubgraphSource({ name, url, seal, log, clock, patienceMs, changed: kept?.changed }),
    ]),
  )
  const snapshot = loadSnapshot(options.supergraphSdl, sources)
  const hubUrl = subgraphs.hub
  if (!hubUrl) throw new Error('the gateway needs the address of hub')
  const planned = planRuns(openConfirmations({ secret: options.sharedSecret, hubUrl, seal, clock }))
  const rates = openRates({ hub: openLendingHub({ hubUrl, seal }), clock, log })
  const manifest = options.manifest ?? loadManifest()
  const measured = measuringOperations(manifest)
  const executor = await openExecutor({ snapshot, limits, planned, rates, mode, log, measured, kept })
  const { edge = { trustedProxies: 0 } } = options
  const identity = openIdentity({ ...options.identity, hubUrl, seal, clock, edge })
  const documents = openDocuments(manifest, mode)
  const upstreams = new Upstreams({ urls: subgraphs, seal, log })

  const app = Fastify({
    bodyLimit: limits.bodyBytes,
    forceCloseConnections: 'idle',
    // What still comes over a connection that is open is answered, and the connection ends with it.
    return503OnClosing: false,
    frameworkErrors: answerUnrouted,
  })
  app.decorateRequest('visitor', null)
  answerErrors(app, { log, clock })
  app.addHook('onSend', async (_, reply) => {
    reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer')
  })
  const close = closingOf(app)
  const stopping = new AbortController()
  const leaving = leavingDoor(app, stopping.signal)
  healthDoor(app, { subgraphs, clock, stopping: stopping.signal })
  const position = openPositions({ subgraphs, seal })
  const socketLimits = { ...SOCKET_LIMITS, ...options.socketLimits }
  const follower = openFollower({ executor, upstreams, position, limits: socketLimits, clock, log })
  const watch = watchCredentials({ identity, clock })
  const revocations = followRevocations({ hubUrl, identity, watch, seal, log })
  const openEventStream = eventStreams(app, options)
  const once = openOnce({ secret: options.sharedSecret, hubUrl, seal, clock, log })
  graphqlDoor(app, { executor, identity, documents, follower, watch, once, openEventStream, log })
  restDoor(app, { executor, identity, manifest, shapes: await loadShapes(manifest), once })
  exportDoor(app, { executor, identity, manifest, watch, log })
  const measuring = measureGateway(app, {
    token: options.metricsToken,
    upstreams: () => upstreams.size,
    subscriptions: () => follower.open,
    parts: () => Object.entries(sources).map(([name, { health }]) => [name, health.state] as const),
    keptBytes: () => kept?.bytes ?? 0,
  })
  const intake = intakeDoor(app, { ...edge, identity, subgraphs, seal, clock, log })
  openApiDoor(app)
  docsDoor(app)
  problemsDoor(app)
  protectedResourceDoor(app, { identity: options.identity, edge })
  mcpDoor(app, { executor, identity, documents, manifest, edge })
  const { assistant } = options
  chatDoor(app, { executor, identity, manifest, hubUrl, seal, clock, openEventStream, assistant })
  graphiqlDoor(app)
  const { issuer, client, demo } = options.identity
  signInDoor(app, {
    ...{ identity, edge, hubUrl, seal, clock, secret: options.sharedSecret, isDemo: demo !== undefined },
    triesPerMinute: options.signInsPerMinute ?? 60,
    provider: client && { issuer, clientId: client.id, clientSecret: client.secret },
  })
  landingDoor(app, { demo: options.identity.demo, manifest })
  eventsDoor(app, { executor, identity, manifest, follower, watch, openEventStream, log })
  const sockets = subscriptionsDoor(app.server, {
    ...{ executor, identity, documents, follower, watch, log },
    limits: socketLimits,
  })
  await app.listen({ port: options.port, host: options.host ?? '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  log.info({ port }, 'gateway is up')
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    app,
    snapshot,
    upstreams: () => upstreams.size,
    [Symbol.asyncDispose]: async () => {
      stopping.abort()
      // First of all nobody is taken any more: who is told to come back is connected to another gateway.
      leaving.closePort()
      await measuring[Symbol.asyncDispose]()
      // An upgraded socket counts as an open connection: the server would wait for it for ever.
      await sockets[Symbol.asyncDispose]()
      await leaving.gone(options.leavesWithinMs ?? 0)
      await revocations[Symbol.asyncDispose]()
      watch[Symbol.dispose]()
      // Streams of events end with it; what they followed is let go of after that.
      await close()
      await upstreams[Symbol.asyncDispose]()
      await intake[Symbol.asyncDispose]()
      await executor[Symbol.asyncDispose]()
      await kept?.[Symbol.asyncDispose]()
      for (const source of Object.values(sources)) source.close()
    },
  }
}
