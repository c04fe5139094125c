import type { FastifyInstance } from 'fastify'
import { type Database, openDatabase } from '#db/client.ts'
import type { DatabaseUrls, Subgraph } from '#db/databases.ts'
import { startConsumer } from '#events/consumer.ts'
import type { LoggedEvent } from '#events/event.ts'
import { feedRoutes, type Snapshot } from '#events/feed.ts'
import { EventLog } from '#events/log.ts'
import type { Nats } from '#events/nats.ts'
import { startPublisher } from '#events/publisher.ts'
import { type Sequencer, startSequencer } from '#events/sequencer.ts'
import type { Clock } from '#kernel/clock.ts'
import { areaOf, type Log } from '#kernel/log.ts'
import type { Principal, PrincipalSeal } from '#kernel/principal.ts'
import { measuresDoor } from '#telemetry/measures-door.ts'
import { tellAudit } from './audit.ts'
import { startForgettingAudit } from './audit-retention.ts'
import type { BaseContext } from './context.ts'
import { type JobOptions, type Jobs, openJobs, type Task } from './jobs.ts'
import { measureSubgraph } from './measuring.ts'
import { startSubgraph } from './server.ts'
import { touchedRoute } from './touched.ts'

/** So long work under way may take to its end once the process is told to stop: less than it is waited for, so that leases can be given back. */
const ENDS_WITHIN_MS = 3_000

/** What every subgraph is started with, whichever it is. */
export interface StartOptions {
  urls: DatabaseUrls
  port: number
  /** Default: only this machine. */
  host?: string
  seal: PrincipalSeal
  /** Base URLs of all subgraphs, by name. */
  siblings: Readonly<Record<Subgraph, string>>
  /** Where the logs of all subgraphs are copied to and followed. Absent: siblings follow each other's feeds. */
  nats?: Nats | undefined
  clock: Clock
  log: Log
  /** Answers the graph and the feed. */
  api: boolean
  /** Moves events, follows siblings, does the work that nobody waits for. */
  worker: boolean
  /** Told of every SQL statement, with its text and without its values: for counting and tracing. */
  onStatement?: (sql: string) => void
  /** For how many days the audit is kept. Default: without limit. */
  auditKeptDays?: number | undefined
  /** Who shows it may read measures. Default: this machine alone. */
  metricsToken?: string | undefined
}

/** A subgraph that runs. Disposing stops it: first what comes in, then the work, then the pools. */
export interface Running extends AsyncDisposable {
  /** Where it answers; null for a worker alone. */
  url: string | null
}

/** What the parts of a subgraph are made on. */
export interface Ground<DB> extends StartOptions {
  database: Database<DB>
  /** Call after a commit that published events: they are then moved at once instead of at the next look. */
  published(): void
  /** What is to be done later. Only there for a subgraph that names jobs. */
  jobs: Jobs
}

/** A sibling's events and what they do here. */
export interface Following {
  source: Subgraph
  /** Who follows, where a subgraph follows one sibling for two things that shall not wait for each other. Default: the subgraph's name. */
  reader?: string
  names: readonly string[]
  /** @param isState they are no news, but what is so now */
  apply(tx: object, orgId: string, events: LoggedEvent[], isState?: boolean): Promise<void>
}

/** What makes one subgraph that subgraph; the rest is the same for all. */
export interface Parts<DB, Ctx extends object> {
  name: Subgraph
  resolvers: object
  context(ground: Ground<DB>, principal: Principal, base: BaseContext): Ctx
  /** What must be so before anybody is answered. What it opens is closed last, before the pools. */
  prepare?(ground: Ground<DB>): Promise<AsyncDisposable[] | undefined>
  routes?(app: FastifyInstance, ground: Ground<DB>): void
  /** Its state as events, for siblings that start anew. */
  snapshot?: Snapshot
  follows?(ground: Ground<DB>): Following[]
  /** What it may leave for later, and how a worker does it. */
  jobs?: { definitions: readonly JobOptions[]; tasks(ground: Ground<DB>): readonly Task<Ground<DB>>[] }
  /** Work of its own beside following: each is disposed with the subgraph. */
  work?(ground: Ground<DB>): Promise<AsyncDisposable[]> | AsyncDisposable[]
}

/** Starts a subgraph from its parts: the API, the worker, or both. */
export const startFromParts = async <DB, Ctx extends object>(
  options: StartOptions,
  parts: Parts<DB, Ctx>,
): Promise<Running> => {
  const { urls, log, clock, seal, siblings, nats } = options
  await using stack = new AsyncDisposableStack()
  const database = stack.use(
    openDatabase<DB>(urls, { log, ...(options.onStatement ? { onStatement: options.onStatement } : {}) }),
  )
  stack.use(measureSubgraph({ part: parts.name, database: database as Database<unknown>, clock }))
  const end = new AbortController()
  stack.use(endsInTime(database, log, end.signal))
  let sequencer: Sequencer | undefined
  const { definitions } = parts.jobs ?? {}
  const jobs = definitions
    ? stack.use(await openJobs({ urls, definitions, log: areaOf(log, 'jobs') }))
    : noJobs(parts.name)
  const ground: Ground<DB> = { ...options, database, published: () => sequencer?.wake(), jobs }
  for (const opened of (await parts.prepare?.(ground)) ?? []) stack.use(opened)
  // In every process that writes: whoever holds the lock moves, and one's own write need not wait for another's look.
  sequencer = stack.use(startSequencer({ database, log, clock }))
  const eventLog = options.api || nats ? stack.use(new EventLog({ database, log })) : undefined
  if (nats && eventLog)
    stack.use(startPublisher({ nats, eventLog, source: parts.name, log: areaOf(log, 'events') }))
  // Told to stop all at once: one that is slow to end must not keep another from giving back what it holds.
  const busy: AsyncDisposable[] = []
  stack.defer(() => {
    end.abort()
    return stopAll(busy)
  })
  if (options.worker) {
    busy.push(...((await parts.work?.(ground)) ?? []), startForgettingAudit(ground, 'service.audit_log'))
    if (parts.jobs) await jobs.work(parts.jobs.tasks(ground), ground)
    for (const { source, names, apply, reader } of parts.follows?.(ground) ?? []) {
      const options = {
        name: reader ?? parts.name,
        source,
        url: siblings[source],
        nats,
        names,
        database,
        seal,
        clock,
        log: areaOf(log, 'events'),
      }
      busy.push(startConsumer({ ...options, apply }))
    }
  }
  let url: string | null = null
  if (options.api && eventLog) {
    const server = await startSubgraph({
      name: parts.name,
      port: options.port,
      ...(options.host ? { host: options.host } : {}),
      resolvers: parts.resolvers,
      context: (principal, base) => parts.context(ground, principal, base),
      routes: (app) => {
        const snapshot = parts.snapshot && withAudit(parts.name, parts.snapshot)
        feedRoutes(app, { log: eventLog, seal, ...(snapshot ? { snapshot } : {}) })
        touchedRoute(app, { database: database as Database<unknown>, seal, log })
        measuresDoor(app as never, options.metricsToken)
        parts.routes?.(app, ground)
      },
      eventLog,
      published: ground.published,
      seal,
      log,
      clock,
    })
    busy.push(server)
    url = server.url
  }
  const all = stack.move()
  return { url, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** Breaks off what is still under way a while after the process was told to end: it is done anew by whoever comes next. */
const endsInTime = (database: { breakOff(): Promise<void> }, log: Log, told: AbortSignal): Disposable => {
  let overdue: NodeJS.Timeout | undefined
  told.addEventListener('abort', () => {
    overdue = setTimeout(() => {
      database
        .breakOff()
        .catch((error: unknown) => log.warn({ err: error }, 'could not break off what is under way'))
    }, ENDS_WITHIN_MS)
  })
  return { [Symbol.dispose]: () => clearTimeout(overdue) }
}

/** Waits for all of them; then throws what the first that could not be stopped threw. */
const stopAll = async (things: readonly AsyncDisposable[]): Promise<void> => {
  const stopping = things.map(async (thing) => thing[Symbol.asyncDispose]())
  for (const one of await Promise.allSettled(stopping)) if (one.status === 'rejected') throw one.reason
}

/** A subgraph's state with the acts that led to it, for whoever wants to know them. */
const withAudit = (subgraph: Subgraph, state: Snapshot): Snapshot =>
  async function* (tx, orgId, names) {
    yield* state(tx, orgId, names)
    if (names?.includes(`${subgraph}.audit.written`)) yield* tellAudit(tx, orgId, subgraph)
  }

/** Enqueuing without having named a job is a mistake of ours, not of the caller's. */
const noJobs = (name: Subgraph): Jobs => {
  const none = () => Promise.reject(new Error(`the subgraph ${name} names no jobs`))
  return { enqueue: none, enqueueAll: none, work: none, [Symbol.asyncDispose]: async () => {} }
}
