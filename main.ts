/**
 * Who runs: `node main.ts [role…] [--api | --worker]`. Roles: all (default), gateway, customers, inventory, telephony,
 * insights, hub, simulators (or one of them), migrate. `all` is the whole hub, with simulators where no real account is
 * configured.
 */
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import { migrate } from '#db/migrate.ts'
import { startServer } from '#db/server.ts'
import type { Nats } from '#events/nats.ts'
import type { Assistant } from '#gateway/chat/assistant.ts'
import type { Issuer } from '#gateway/identity/issuer.ts'
import { systemClock } from '#kernel/clock.ts'
import { ConfigError } from '#kernel/config.ts'
import { isHubError, Unavailable } from '#kernel/errors.ts'
import { areaOf, type Log, line, openLog } from '#kernel/log.ts'
import { PRINCIPAL_HEADER, principalSeal } from '#kernel/principal.ts'
import { traceOfLine } from '#telemetry/asked.ts'
import { type AreaLevel, followLevels } from '#telemetry/log-levels.ts'
import {
  adminOf,
  databaseNameOf,
  type HubConfig,
  needsServer,
  readHubConfig,
  readSecrets,
  urlsOf,
} from './config.ts'
import { faultsAround } from './preflight.ts'
import {
  forkRoles,
  openStack,
  PATIENCE_MS,
  runUntilTold,
  type Stack,
  together,
  Unusable,
  unlessLonger,
} from './processes.ts'

const SIMULATORS = ['hubspot-simulator', 'c3-simulator'] as const
const ROLES = ['all', 'gateway', ...SUBGRAPHS, 'simulators', ...SIMULATORS, 'migrate'] as const
type Role = (typeof ROLES)[number]
type Simulator = (typeof SIMULATORS)[number]

/** So long a gateway that stops lets clients leave their connections; what is under way has the rest of its patience. */
const LEAVES_WITHIN_MS = 500

interface Orders {
  roles: ReadonlySet<Role>
  api: boolean
  worker: boolean
}

const readOrders = (): Orders => {
  const { values, positionals } = parseArgs({
    options: { api: { type: 'boolean', default: false }, worker: { type: 'boolean', default: false } },
    allowPositionals: true,
    strict: false,
  })
  const options = Object.keys(values).filter((option) => option !== 'api' && option !== 'worker')
  const unknown = [
    ...positionals.filter((role) => !(ROLES as readonly string[]).includes(role)),
    ...options.map((option) => `--${option}`),
  ]
  if (unknown.length > 0)
    throw new Unusable(
      `There is no role or option ${unknown.join(', ')}. Roles are ${ROLES.join(', ')}; options --api and --worker.`,
    )
  const both = values.api === values.worker
  return {
    roles: new Set((positionals.length > 0 ? positionals : ['all']) as Role[]),
    api: both || values.api === true,
    worker: both || values.worker === true,
  }
}

const startSimulators = async (
  config: HubConfig,
  stack: Stack,
  named: readonly Simulator[],
): Promise<void> => {
  const { host, ports, demoCompanies: companies } = config
  const world = { host, companies, seed: 7, clock: systemClock }
  if (named.includes('hubspot-simulator')) {
    const { startHubSpotSimulator } = await import('#connectors/hubspot/simulator/index.ts')
    stack.use(
      await startHubSpotSimulator({
        ...world,
        port: ports.hubspot,
        ...(config.hubspot.token ? { token: config.hubspot.token } : {}),
      }),
    )
  }
  if (named.includes('c3-simulator')) {
    const { startC3Simulator } = await import('#connectors/c3/simulator/index.ts')
    stack.use(await startC3Simulator({ ...world, port: ports.c3, apiKey: config.c3.token }))
  }
}

const startSubgraphs = async (
  config: HubConfig,
  stack: Stack,
  orders: Orders,
  options: {
    names: readonly Subgraph[]
    secret: string
    keys: string[]
    embedded: string | undefined
    nats: Nats | undefined
    log: Log
  },
): Promise<void> => {
  const { names, secret, keys: encryptionKeys, embedded, nats, log } = options
  const clock = systemClock
  // Loaded when asked for: a process of one role holds the code of that role.
  const { DEMO_ORGANISATIONS } = await import('#subgraphs/hub/index.ts')
  const orgId = DEMO_ORGANISATIONS[0].id
  // Where people sign in at a provider, organisations are made by the operator, and connect what is theirs.
  const isDemo = !config.provider
  const ground = (name: Subgraph) => ({
    urls: urlsOf(config, name, secret, embedded),
    port: config.ports[name],
    host: config.host,
    seal: principalSeal(secret, clock),
    siblings: config.siblings,
    nats,
    clock,
    log: areaOf(log, name, { subgraph: name }),
    api: orders.api,
    auditKeptDays: config.seeing.auditKeptDays,
    metricsToken: config.seeing.metricsToken,
    worker: orders.worker,
  })
  const { hubspot, c3 } = config
  const start: Record<Subgraph, () => Promise<AsyncDisposable>> = {
    hub: async () =>
      (await import('#subgraphs/hub/index.ts')).startHub({
        ...ground('hub'),
        demo: isDemo,
        encryptionKeys,
        opsWebhookUrl: config.opsWebhookUrl,
        partners: { isInside: config.partnersInside },
      }),
    customers: async () =>
      (await import('#subgraphs/customers/index.ts')).startCustomers({
        ...ground('customers'),
        encryptionKeys,
        opsWebhookUrl: config.opsWebhookUrl,
        mail: config.mail,
        hubspotUrl: hubspot.url,
        ...(hubspot.app ? { app: hubspot.app } : {}),
        ...(hubspot.developer ? { developer: hubspot.developer } : {}),
        ...(isDemo && hubspot.token
          ? { connect: { orgId, name: 'HubSpot', baseUrl: hubspot.url, token: hubspot.token } }
          : {}),
        webhooks: hubspot.webhooks,
      }),
    inventory: async () =>
      (await import('#subgraphs/inventory/index.ts')).startInventory({
        ...ground('inventory'),
        encryptionKeys,
        ...(isDemo ? { connect: { orgId, name: 'C3', baseUrl: c3.url, apiKey: c3.token } } : {}),
        c3Urls: [c3.url],
        publicUrl: config.edge.publicUrl,
        opsWebhookUrl: config.opsWebhookUrl,
      }),
    telephony: async () =>
      (await import('#subgraphs/telephony/index.ts')).startTelephony({
        ...ground('telephony'),
        encryptionKeys,
      }),
    insights: async () =>
      (await import('#subgraphs/insights/index.ts')).startInsights({
        ...ground('insights'),
        ...config.enrichment,
        opsWebhookUrl: config.opsWebhookUrl,
      }),
  }
  await together(names.map(async (name) => stack.use(await start[name]())))
}

/** The connection to NATS, where one is configured. */
const openStreams = async (
  { nats, databasePrefix: prefix }: HubConfig,
  stack: Stack,
  secret: string,
  log: Log,
): Promise<Nats | undefined> => {
  if (!nats) return undefined
  const { openNats } = await import('#events/nats.ts')
  return stack.use(openNats({ ...nats, prefix, secret, log: areaOf(log, 'events') }))
}

/** The language model that helps the chat, where that is wished. */
const openAssistant = async ({ chatModel, enrichment }: HubConfig): Promise<Assistant | undefined> => {
  if (chatModel === 'off' || !enrichment.model) return undefined
  const { openLanguageModel } = await import('#connectors/language-model/index.ts')
  const { write } = openLanguageModel({ ...enrichment.model, clock: systemClock })
  return { write, isToldNames: chatModel === 'with-names' }
}

const openGateway = async (
  config: HubConfig,
  stack: Stack,
  secret: string,
  log: Log,
): Promise<Issuer | undefined> => {
  const [{ startGateway }, { composedSupergraph }, { openIssuer }] = await Promise.all([
    import('#gateway/index.ts'),
    import('#gateway/supergraph/composed.ts'),
    import('#gateway/identity/issuer.ts'),
  ])
  const { provider, client, ports, host, mode, siblings, edge } = config
  const demo = provider ? undefined : await openIssuer({ home: config.home, clock: systemClock })
  const identity = provider
    ? { ...provider, keys: { url: provider.jwksUrl }, client }
    : { issuer: demo!.issuer, audience: demo!.audience, keys: { jwks: demo!.jwks }, demo: demo! }
  stack.use(
    await startGateway({
      ...{ port: ports.gateway, host, mode, identity, subgraphs: siblings, edge },
      ...{
        supergraphSdl: composedSupergraph(),
        sharedSecret: secret,
        metricsToken: config.seeing.metricsToken,
      },
      ...{ clock: systemClock, log: areaOf(log, 'gateway', { subgraph: 'gateway' }) },
      socketLimits: { sockets: config.socketsPerCaller },
      assistant: await openAssistant(config),
      leavesWithinMs: LEAVES_WITHIN_MS,
      keeps: config.keeps,
    }),
  )
  return demo
}

const startDatabases = async (
  config: HubConfig,
  stack: Stack,
  options: { names: readonly Subgraph[]; secret: string; log: Log },
): Promise<string | undefined> => {
  const { names, secret, log } = options
  let embedded: string | undefined
  if (needsServer(config, names)) embedded = stack.use(await startServer({ home: config.home, log })).url
  await Promise.all(
    names.map(async (subgraph) => {
      const { variable, url } = adminOf(config, subgraph, embedded)
      const databaseName = databaseNameOf(config, subgraph)
      try {
        await migrate({
          ...{ adminUrl: url!, subgraph, secret, log, clock: systemClock, databaseName },
          tellsTouched: config.keeps !== undefined,
        })
      } catch (error) {
        // The public sentence hides what the server said: here it is what has to be mended.
        const why = Unavailable.is(error) ? error.cause : error
        if (isHubError(why) || !(why instanceof Error)) throw why
        throw new Unusable(`${variable}: database ${databaseName} cannot be made ready (${why.message}).`)
      }
    }),
  )
  return embedded
}

const start = async (stack: Stack, stopping: AbortSignal): Promise<'stays' | 'is done'> => {
  // What was compiled once is not compiled at every start. Where it cannot be kept, it is.
  enableCompileCache(join(import.meta.dirname, 'node_modules/.cache/compiled'))
  const orders = readOrders()
  const file = join(import.meta.dirname, '.env')
  if (existsSync(file)) process.loadEnvFile(file)
  const config = readHubConfig()
  const runs = (role: Role) => orders.roles.has(role) || orders.roles.has('all')
  const isAll = orders.roles.has('all')
  const subgraphs = SUBGRAPHS.filter(runs)
  const migrating = orders.roles.has('migrate') ? SUBGRAPHS : subgraphs
  const simulators = SIMULATORS.filter((one) => orders.roles.has(one) || orders.roles.has('simulators'))
  const simulated = SIMULATORS.filter((one) => isAll && config[systemOf(one)].simulated)
  const ports = [
    ...(runs('gateway') ? (['gateway'] as const) : []),
    ...(orders.api ? subgraphs : []),
    ...[...simulators, ...simulated].map(systemOf),
  ]
  const faults = await faultsAround(config, { ports, subgraphs: migrating })
  if (faults.length > 0) throw new ConfigError(faults)

  const log = openLog('tributary', config.level, undefined, config.debugAreas)
  line.beside = traceOfLine
  const { secret, encryptionKeys: keys } = await readSecrets(config)
  stack.use(followLevels(() => levelsOf(config.siblings.hub, secret), { log }))
  const { metricsPort, metricsToken, tracesTo, tracedPercent } = config.seeing
  if (tracesTo !== undefined) {
    const { openTraces } = await import('#telemetry/opentelemetry.ts')
    stack.use(openTraces({ to: tracesTo, percent: tracedPercent }))
  }
  if (metricsPort !== undefined) {
    const { startMeasuresServer } = await import('#telemetry/measures-server.ts')
    stack.use(await startMeasuresServer({ port: metricsPort, host: config.host, token: metricsToken }))
  }
  // Each next one leans on those before it, and is stopped before them.
  const [databases, others, parts, doors] = [openStack(), openStack(), openStack(), openStack()]
  stack.use(databases)
  stack.use(unlessLonger(PATIENCE_MS.simulators, 'simulators', others, log))
  stack.use(unlessLonger(PATIENCE_MS.subgraphs, 'subgraphs', parts, log))
  const patienceMs = subgraphs.length > 0 ? PATIENCE_MS.gateway : PATIENCE_MS.gatewayAlone
  stack.use(unlessLonger(patienceMs, 'gateway', doors, log))
  const forked = simulated.length > 0 ? others.use(forkRoles(simulated)) : undefined
  let embedded: string | undefined
  let issuer: Issuer | undefined
  await together([
    startDatabases(config, databases, { names: migrating, secret, log }).then((url) => {
      embedded = url
    }),
    // Before the rest runs, so that it can say what is still missing.
    ...(runs('gateway') ? [openGateway(config, doors, secret, log).then((demo) => (issuer = demo))] : []),
    startSimulators(config, others, simulators),
    ...(forked ? [forked.ready] : []),
  ])
  if (orders.roles.size === 1 && orders.roles.has('migrate')) return 'is done'
  if (stopping.aborted) return 'is done'
  const nats = subgraphs.length > 0 ? await openStreams(config, databases, secret, log) : undefined
  const options = { names: subgraphs, secret, keys, embedded, nats, log }
  await startSubgraphs(config, parts, orders, options)
  if (stopping.aborted) return 'is done'
  if (isAll && issuer) {
    const { openDemo } = await import('./demo.ts')
    stack.use(openDemo({ config, issuer, clock: systemClock }))
  }
  return 'stays'
}

/** From which level on areas of the log are written, as hub says. */
const levelsOf = async (hub: string, secret: string): Promise<AreaLevel[]> => {
  const principal = { kind: 'system', id: 'system:log-levels', orgId: null, scopes: [] } as const
  const headers = { [PRINCIPAL_HEADER]: await principalSeal(secret, systemClock).sign(principal) }
  const answer = await fetch(`${hub}/log-levels`, { headers, signal: AbortSignal.timeout(5_000) })
  if (!answer.ok) throw new Error(`hub answered ${answer.status}`)
  return (await answer.json()) as AreaLevel[]
}

const systemOf = (simulator: Simulator) => (simulator === 'c3-simulator' ? 'c3' : 'hubspot')

await runUntilTold(start)
