import { DEMO_API_KEY, startC3Simulator } from '#connectors/c3/simulator/index.ts'
import { DEMO_TOKEN, startHubSpotSimulator } from '#connectors/hubspot/simulator/index.ts'
import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import { migrate } from '#db/migrate.ts'
import type { Assistant } from '#gateway/chat/assistant.ts'
import { openIssuer } from '#gateway/identity/issuer.ts'
import { startGateway } from '#gateway/index.ts'
import type { KeepingOptions } from '#gateway/kept/answers.ts'
import { composedSupergraph } from '#gateway/supergraph/composed.ts'
import { systemClock } from '#kernel/clock.ts'
import type { Log } from '#kernel/log.ts'
import { principalSeal } from '#kernel/principal.ts'
import type { Running } from '#service/start.ts'
import { startCustomers } from '#subgraphs/customers/index.ts'
import { startHub } from '#subgraphs/hub/index.ts'
import { startInsights } from '#subgraphs/insights/index.ts'
import { startInventory } from '#subgraphs/inventory/index.ts'
import { startTelephony } from '#subgraphs/telephony/index.ts'
import { silentLog } from './log.ts'
import { adminUrl, TEST_SECRET, type TestDatabase, temporaryDirectory, testDatabase } from './postgres.ts'
import { freePorts } from './processes.ts'
import { controlOf } from './simulator.ts'
import { type Answer, DEMO, SHARED_SECRET, startWith, TEST_KEY } from './subgraph.ts'
import { until } from './until.ts'

/** The whole hub in this process, on databases of its own, against both simulators with their limits off. */
export interface WholeHub extends AsyncDisposable {
  url: string
  urls: Record<Subgraph, string>
  databases: Record<Subgraph, TestDatabase<never>>
  /** Statements each subgraph has sent, in order. */
  statements: Record<Subgraph, string[]>
  simulators: { hubspot: string; c3: string }
  token(role?: string, org?: string): Promise<string>
  /** Asks the gateway as a client would. `token: null` asks without one. */
  ask(
    query: string,
    variables?: Record<string, unknown>,
    as?: { token?: string | null; headers?: Record<string, string> },
  ): Promise<Answer & { status: number }>
  /** Waits until both first syncs are complete. */
  synced(): Promise<void>
  /** Starts one more gateway before the same subgraphs. @returns its address */
  anotherGateway(more?: { assistant?: Assistant }): Promise<string>
  /** Stops one subgraph for the rest of the test. */
  stop(name: Subgraph): Promise<void>
}

const byName = async <T>(make: (name: Subgraph) => T | Promise<T>): Promise<Record<Subgraph, T>> =>
  Object.fromEntries(await Promise.all(SUBGRAPHS.map(async (name) => [name, await make(name)]))) as Record<
    Subgraph,
    T
  >

/**
 * Starts it. `companies` is the size of the demo portal; `isByTheClock` says whether anything is read and compared by the clock,
 * `advises` whether advice is worked out, `log` where all parts write.
 */
export const startWholeHub = async ({
  companies = 40,
  isByTheClock = true,
  advises = isByTheClock,
  log = silentLog,
  keeps,
}: {
  companies?: number
  /** The gateway keeps answers, and the tables tell it when they are touched. Other gateways keep none. */
  keeps?: KeepingOptions
  isByTheClock?: boolean
  advises?: boolean
  log?: Log
} = {}): Promise<WholeHub> => {
  await using stack = new AsyncDisposableStack()
  const clock = systemClock
  const hubspot = stack.use(await startHubSpotSimulator({ port: 0, companies, seed: 7, clock }))
  const c3 = stack.use(await startC3Simulator({ port: 0, companies, seed: 7, clock }))
  for (const { url } of [hubspot, c3]) await controlOf(url)('limits', 'off')
  const databases = await byName(async (name) => stack.use(await testDatabase<never>(name)))
  if (keeps) await byName(async (name) => tellTouched(name, databases[name].name))
  const firstPort = await freePorts(SUBGRAPHS.length)
  const ports = await byName((name) => firstPort + SUBGRAPHS.indexOf(name))
  const siblings = await byName((name) => `http://127.0.0.1:${ports[name]}`)
  const statements = await byName<string[]>(() => [])
  const options = (name: Subgraph) => ({
    ...startWith(databases[name].urls, {
      port: ports[name],
      siblings,
      log,
      onStatement: (sql) => statements[name].push(sql),
    }),
    encryptionKeys: [TEST_KEY],
    ...(isByTheClock ? {} : { pollEveryMs: 0 }),
  })
  const start: Record<Subgraph, () => Promise<Running>> = {
    hub: () => startHub({ ...options('hub'), demo: true }),
    customers: () =>
      startCustomers({
        ...options('customers'),
        connect: { orgId: DEMO, name: 'HubSpot', baseUrl: hubspot.url, token: DEMO_TOKEN },
      }),
    inventory: () =>
      startInventory({
        ...options('inventory'),
        advises,
        connect: { orgId: DEMO, name: 'C3', baseUrl: c3.url, apiKey: DEMO_API_KEY },
      }),
    telephony: () => startTelephony({ ...options('telephony'), encryptionKeys: [TEST_KEY] }),
    insights: () => startInsights(options('insights')),
  }
  const running = await byName(async (name) => start[name]())
  const stopped = new Set<Subgraph>()
  const stop = async (name: Subgraph) => {
    if (stopped.has(name)) return
    stopped.add(name)
    await running[name][Symbol.asyncDispose]()
  }
  for (const name of SUBGRAPHS) stack.defer(() => stop(name))
  const home = stack.use(await temporaryDirectory())
  const issuer = await openIssuer({ home: home.path, clock })
  const openGateway = (more: { assistant?: Assistant; keeps?: KeepingOptions | undefined } = {}) =>
    startGateway({
      port: 0,
      subgraphs: siblings,
      supergraphSdl: composedSupergraph(),
      sharedSecret: SHARED_SECRET,
      identity: {
        issuer: issuer.issuer,
        audience: issuer.audience,
        keys: { jwks: issuer.jwks },
        demo: issuer,
      },
      mode: 'development',
      clock,
      log,
      ...more,
    })
  const gateway = stack.use(await openGateway({ keeps }))
  const token = (role = 'admin', org = 'demo') => issuer.issue({ role, org })
  const ask: WholeHub['ask'] = async (query, variables = {}, as = {}) => {
    const bearer = as.token === undefined ? await token() : as.token
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer ? { authorization: `Bearer ${bearer}` } : {}),
        ...as.headers,
      },
      body: JSON.stringify({ query, variables }),
    })
    return { ...((await response.json()) as Answer), status: response.status }
  }
  const synced = async () => {
    await until(async () => {
      const { data } = await ask('{ integrations { lastSyncAt } }')
      return (
        data?.integrations.length === 2 &&
        data.integrations.every((i: { lastSyncAt: unknown }) => i.lastSyncAt)
      )
    }).catch(async (error: Error) => {
      const runs = 'syncRuns(first: 3) { nodes { mode state done total startedAt finishedAt } }'
      const stands = await ask(`{ integrations { name status lastSyncAt ${runs} } }`)
      throw new Error(`${error.message}; ${JSON.stringify(stands)}`)
    })
  }
  const all = stack.move()
  const anotherGateway = async (more?: { assistant?: Assistant }) => all.use(await openGateway(more)).url
  return {
    url: gateway.url,
    urls: siblings,
    databases,
    statements,
    simulators: { hubspot: hubspot.url, c3: c3.url },
    token,
    ask,
    synced,
    anotherGateway,
    stop,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

const tellTouched = (subgraph: Subgraph, databaseName: string) =>
  migrate({
    ...{ adminUrl: adminUrl(), subgraph, secret: TEST_SECRET, databaseName },
    ...{ log: silentLog, clock: systemClock, tellsTouched: true },
  })

/** A seal with which a test may speak as the gateway does. */
export const gatewaySeal = principalSeal(SHARED_SECRET, systemClock)
