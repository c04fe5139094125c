import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { type FormattedExecutionResult, type GraphQLSchema, parse } from 'graphql'
import type { Database } from '#db/client.ts'
import { Reading } from '#db/reading.ts'
import { withinRows } from '#db/row-scope.ts'
import { TableNames } from '#db/touched.ts'
import type { Clock } from '#kernel/clock.ts'
import { encodeCursor } from '#kernel/cursor.ts'
import { Unauthenticated } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { Planning } from '#kernel/planning.ts'
import type { Principal, PrincipalSeal } from '#kernel/principal.ts'
import { askedBy, whileAsked } from '#telemetry/asked.ts'
import { asStep } from '#telemetry/traces.ts'
import { accessTableOf, guard } from './access.ts'
import { closingOf } from './closing.ts'
import type { BaseContext } from './context.ts'
import { publicError } from './errors.ts'
import { headersOf, noticing, READ_HEADER } from './noticing.ts'
import { AlreadyDone, onceOf, underKey, wasDone } from './once.ts'
import { planningOf, positionLater, settle } from './planning.ts'
import { placeOfReceipt, type Receipt, waitFor } from './receipt.ts'
import { answerError, tokenOf } from './requests.ts'
import { scalars } from './scalars.ts'
import { serveSocket } from './socket.ts'
import { cursorAt, type SubscribableLog } from './subscriptions.ts'

export interface SubgraphOptions<Ctx extends object> {
  /** The subgraph's name: its SDL and access table are found by it. */
  name: string
  /** 0 takes any free port. */
  port: number
  /** Default: only this machine. */
  host?: string
  /** As `buildSubgraphSchema` takes them; the scalars of shared.graphql are added. */
  resolvers: object
  /** What resolvers get beside `base`. Called once per request, and once per event of a subscription. */
  context(principal: Principal, base: BaseContext): Ctx
  /** Raw HTTP beside the graph. Routes ask for their own caller: see `callerOf` and `systemCaller`. */
  routes?: (app: FastifyInstance) => void
  /** What subscriptions follow. */
  eventLog: SubscribableLog
  seal: PrincipalSeal
  log: Log
  clock: Clock
  /** Called after a commit that may have published events. */
  published?: () => void
  /** How long a read waits for the write that it comes after. Default 250. */
  appliedWithinMs?: number
  /** Other SDL and access than the generated ones: for tests of this floor. */
  typeDefs?: string
  access?: Parameters<typeof guard>[1]
}

/** A subgraph that answers. Disposing it lets requests under way end, and closes every socket. */
export interface RunningSubgraph extends AsyncDisposable {
  url: string
  port: number
  app: FastifyInstance
}

// A list of entities fetched by reference is the largest thing the gateway sends.
const MOST_BYTES = 4 << 20
const GENERATED = join(import.meta.dirname, '..', 'schema', 'generated')

/** Starts serving a subgraph: `POST /graphql`, subscriptions on the same path, `GET /healthz`, `GET /readyz` (whether its database answers) and its own routes. */
export const startSubgraph = async <Ctx extends object>(
  options: SubgraphOptions<Ctx>,
): Promise<RunningSubgraph> => {
  const schema = buildSchema(options)
  const { seal, log, clock, eventLog } = options
  const verify = async (token: string | undefined): Promise<Principal> => {
    const principal = await seal.verify(token)
    if (!principal.orgId) throw Unauthenticated.with()
    return principal
  }
  const noticed = noticing(clock)
  const tables = eventLog.database && new TableNames(eventLog.database as Database<unknown>)
  const context = (principal: Principal, tellBrowser?: BaseContext['tellBrowser']): Ctx & BaseContext => {
    const orgId = principal.orgId as string
    const planning = Planning.current()
    const tell = planning?.isDry ? undefined : tellBrowser
    const base = {
      ...{ principal, orgId, log, eventLog, clock: planning?.clock ?? noticed },
      ...(tell ? { tellBrowser: tell } : {}),
    }
    return { ...base, ...options.context(principal, base) }
  }
  const apollo = new ApolloServer<Ctx & BaseContext>({
    schema,
    csrfPrevention: false, // Only signed callers get this far; no browser can make that header.
    introspection: false,
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    formatError: (_, error) => publicError(error, log),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      {
        requestDidStart: async () => ({
          willSendResponse: async ({ response: { body, http }, contextValue: { orgId } }) => {
            const reading = Reading.current()
            if (reading && tables && body.kind === 'single' && !body.singleResult.errors)
              for (const [name, value] of Object.entries(await headersOf(reading, tables, clock)))
                http.headers.set(name, value)
            const planning = Planning.current()
            if (!planning || body.kind !== 'single') return
            body.singleResult = await settle(planning, body.singleResult as FormattedExecutionResult, {
              log,
              committed: () => options.published?.(),
              positionOf: (receipt) =>
                placeOfReceipt(receipt, { database: eventLog.database, subgraph: options.name, orgId }),
            })
          },
        }),
      },
    ],
    logger: log,
  })
  await apollo.start()

  const app = Fastify({
    bodyLimit: MOST_BYTES,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => answerError(error, request, reply, { log, clock }),
  })
  const close = closingOf(app)
  // Who speaks on /graphql: verified, and of one organisation.
  const callers = new WeakMap<FastifyRequest, Principal>()
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, { log, clock }))
  app.get('/healthz', async () => ({
    name: options.name,
    status: eventLog.database?.refusesChanges ? 'degraded' : 'ok',
  }))
  app.get('/readyz', async (_, reply) => {
    const ready = await eventLog.bounds().then(
      () => true,
      () => false,
    )
    return reply.code(ready ? 200 : 503).send({ name: options.name, ready })
  })
  // Where a subscription without `after` starts: asked for first, it loses nothing to a break before its first event.
  app.get('/position', async (request) => {
    await verify(tokenOf(request))
    const { position, stamp } = await eventLog.place()
    return { position: cursorAt(position, stamp) }
  })
  const answer = fastifyApolloHandler(apollo, {
    context: async (request, reply) =>
      context(callers.get(request) as Principal, (cookie) => void reply.header('set-cookie', cookie)),
  })
  app.route({
    method: 'POST',
    url: '/graphql',
    // Before the body is read: a stranger gets nothing parsed.
    onRequest: async (request) => {
      callers.set(request, await verify(tokenOf(request)))
    },
    preHandler: async (request, reply) => {
      const after = request.headers['x-hub-after']
      const { database } = eventLog
      if (typeof after !== 'string' || !database) return
      const { orgId } = callers.get(request) as Principal
      const around = { database, reader: options.name, withinMs: options.appliedWithinMs }
      const behind = await waitFor(after, { ...around, orgId: orgId as string })
      if (behind) void reply.header('x-hub-behind', behind)
    },
    handler: async function (request, reply) {
      const planning = planningOf(request.headers, clock)
      const caller = callers.get(request) as Principal
      const part = { 'hub.part': options.name }
      const run = () =>
        whileAsked(askedBy(request.headers), () =>
          asStep(options.name, { kind: 'server', said: part }, async () => answer.call(this, request, reply)),
        )
      return withinRows(caller.rows, async () => {
        const once = planning ? undefined : onceOf(request.headers)
        const { database } = eventLog
        if (once && database) {
          // Before anything is done: a vendor may be asked before the change's own transaction would notice.
          if (await wasDone(database, caller.orgId as string, once))
            return { data: null, errors: [publicError(AlreadyDone.with(), log)] }
          return underKey(once, run)
        }
        if (!planning) return request.headers[READ_HEADER] ? new Reading().during(run) : run()
        try {
          return await planning.run(async () => run())
        } finally {
          await planning.end()
        }
      })
    },
  })
  options.routes?.(app)
  const socket = serveSocket(app.server, { schema, verify, context: (who) => context(who), log })
  await app.listen({ port: options.port, host: options.host ?? '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  log.info({ subgraph: options.name, port }, 'subgraph is up')
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    app,
    [Symbol.asyncDispose]: async () => {
      // First of all nobody is taken any more: who is told to come back finds another process.
      const closed = close()
      // An upgraded socket counts as an open connection: the server would wait for it for ever.
      await socket[Symbol.asyncDispose]()
      await closed
      await apollo.stop()
    },
  }
}

/** `Accepted` is the same in every subgraph: its position is looked up when it is asked for, after the commit. */
const accepted = (subgraph: string) => ({
  position: async (receipt: Receipt, _: unknown, { eventLog, orgId }: BaseContext) => {
    const planning = Planning.current()
    if (!planning) return placeOfReceipt(receipt, { database: eventLog.database, subgraph, orgId })
    // Nothing was written yet that could have a place: that of a plan is where the log stands.
    return planning.isDry
      ? encodeCursor([subgraph, (await eventLog.bounds()).head])
      : positionLater(planning, receipt)
  },
})

const buildSchema = <Ctx extends object>(options: SubgraphOptions<Ctx>): GraphQLSchema => {
  const sdl = options.typeDefs ?? readFileSync(join(GENERATED, `${options.name}.graphql`), 'utf8')
  const resolvers = { ...scalars, Accepted: accepted(options.name), ...options.resolvers }
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: resolvers as never }])
  guard(schema, options.access ?? accessTableOf(options.name))
  return schema
}
