/**
 * Who runs: `node main.ts [role…] [--api | --worker]`. Roles: all (default), gateway, customers, inventory, telephony,
 * insights, hub, simulators, migrate. `all` is the whole hub, with simulators where no real account is configured.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DEMO_API_KEY, startC3Simulator } from '#connectors/c3/simulator/index.ts'
import { DEMO_TOKEN, startHubSpotSimulator } from '#connectors/hubspot/simulator/index.ts'
import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import { migrate } from '#db/migrate.ts'
import { startServer } from '#db/server.ts'
import { openIssuer } from '#gateway/identity/issuer.ts'
import { startGateway } from '#gateway/index.ts'
import { composedSupergraph } from '#gateway/main.ts'
import { systemClock } from '#kernel/clock.ts'
import { ConfigError } from '#kernel/config.ts'
import { isHubError } from '#kernel/errors.ts'
import { openLog } from '#kernel/log.ts'
import { principalSeal } from '#kernel/principal.ts'
import { DEMO_ORGANISATIONS } from '#subgraphs/hub/index.ts'
import { adminUrlOf, type HubConfig, needsServer, readHubConfig, readSecrets, urlsOf } from './config.ts'
import { openDemo } from './demo.ts'

const ROLES = ['all', 'gateway', ...SUBGRAPHS, 'simulators', 'migrate'] as const
type Role = (typeof ROLES)[number]
type Stack = AsyncDisposableStack

const HUBSPOT = 'https://api.hubapi.com'

/** What a person can mend, said in one sentence; the process ends with 1. */
class Unusable extends Error {}

const readArguments = (): { roles: Set<Role>; api: boolean; worker: boolean } => {
  const { values, positionals } = parseArgs({
    options: { api: { type: 'boolean', default: false }, worker: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const unknown = positionals.filter((role) => !(ROLES as readonly string[]).includes(role))
  if (unknown.length > 0)
    throw new Unusable(`There is no role ${unknown.join(', ')}. Roles are ${ROLES.join(', ')}.`)
  const both = values.api === values.worker
  return {
    roles: new Set((positionals.length > 0 ? positionals : ['all']) as Role[]),
    api: both || values.api,
    worker: both || values.worker,
  }
}

/** @throws Unusable naming each taken port and the variable that moves it */
const demandFreePorts = async (wanted: [variable: string, port: number][]): Promise<void> => {
  const taken = await Promise.all(
    wanted.map(
      ([, port]) =>
        new Promise<boolean>((resolve) => {
          const probe = createServer()
          probe.once('error', () => resolve(true))
          probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(false)))
        }),
    ),
  )
  const list = wanted.filter((_, place) => taken[place]).map(([variable, port]) => `${port} (${variable})`)
  if (list.length > 0)
    throw new Unusable(
      `Port ${list.join(', ')} is in use. Stop what listens there, or set PORT to another free range such as 4100.`,
    )
}

const portsOf = (config: HubConfig, runs: (role: Role) => boolean): [string, number][] => [
  ...(runs('gateway') ? [['PORT', config.port] as [string, number]] : []),
  ...SUBGRAPHS.filter(runs).map((name): [string, number] => [
    `${name.toUpperCase()}_PORT`,
    config.ports[name],
  ]),
  ...(runs('simulators') && !config.hubspotToken
    ? [['HUBSPOT_SIMULATOR_PORT', config.hubspotPort] as [string, number]]
    : []),
  ...(runs('simulators') && !config.c3 ? [['C3_SIMULATOR_PORT', config.c3Port] as [string, number]] : []),
]

const startSimulators = async (config: HubConfig, stack: Stack): Promise<void> => {
  const world = { host: config.host, companies: config.demoCompanies, seed: 7, clock: systemClock }
  if (!config.hubspotToken) stack.use(await startHubSpotSimulator({ ...world, port: config.hubspotPort }))
  if (!config.c3) stack.use(await startC3Simulator({ ...world, port: config.c3Port }))
}

/** The simulators in a process of their own: other systems do not share our memory. It ends when its parent does. */
const forkSimulators = async (stack: Stack): Promise<void> => {
  const child = fork(join(import.meta.dirname, 'main.ts'), ['simulators'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  stack.defer(() => ended(child))
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('exit', (code) => reject(new Unusable(`The simulators did not start (exit code ${code}).`)))
  })
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })

const main = async (stack: Stack): Promise<void> => {
  const { roles, api, worker } = readArguments()
  if (existsSync(join(import.meta.dirname, '.env'))) process.loadEnvFile(join(import.meta.dirname, '.env'))
  const config = readHubConfig()
  const isAll = roles.has('all')
  const runs = (role: Role): boolean => isAll || roles.has(role)
  await demandFreePorts(
    portsOf(config, (role) => role !== 'migrate' && runs(role) && (api || role === 'simulators')),
  )
  if (roles.has('simulators')) await startSimulators(config, stack)

  const subgraphs = SUBGRAPHS.filter(runs)
  const { secret, encryptionKeys } = await readSecrets(config)
  const log = openLog('tributary', config.level)
  const clock = systemClock
  const simulating = isAll && !(config.hubspotToken && config.c3) ? forkSimulators(stack) : undefined
  let embedded: string | undefined
  if (needsServer(config) && (subgraphs.length > 0 || roles.has('migrate'))) {
    const server = stack.use(await startServer({ home: config.home, log }))
    embedded = server.url
  }
  const migrating = roles.has('migrate') ? SUBGRAPHS : subgraphs
  await Promise.all(
    migrating.map((subgraph) =>
      migrate({ adminUrl: adminUrlOf(config, subgraph, embedded), subgraph, secret, log, clock }),
    ),
  )
  await simulating

  const isDemo = !config.provider
  const orgId = DEMO_ORGANISATIONS[0].id
  const hubspot = config.hubspotToken
    ? { baseUrl: config.hubspotUrl ?? HUBSPOT, token: config.hubspotToken }
    : { baseUrl: config.hubspotUrl ?? `http://127.0.0.1:${config.hubspotPort}`, token: DEMO_TOKEN }
  const c3 = config.c3
    ? { baseUrl: config.c3.url, apiKey: config.c3.token }
    : { baseUrl: `http://127.0.0.1:${config.c3Port}`, apiKey: DEMO_API_KEY }
  const ground = (name: Subgraph) => ({
    urls: urlsOf(config, name, secret, embedded),
    port: config.ports[name],
    host: config.host,
    seal: principalSeal(secret, clock),
    siblings: config.siblings,
    clock,
    log: log.child({ subgraph: name }),
    api,
    worker,
  })
  // Loaded when asked for: a process of one role holds the code of that role.
  const start: Record<Subgraph, () => Promise<AsyncDisposable>> = {
    hub: async () => (await import('#subgraphs/hub/index.ts')).startHub({ ...ground('hub'), demo: isDemo }),
    customers: async () =>
      (await import('#subgraphs/customers/index.ts')).startCustomers({
        ...ground('customers'),
        encryptionKeys,
        connect: { orgId, name: 'HubSpot', ...hubspot },
      }),
    inventory: async () =>
      (await import('#subgraphs/inventory/index.ts')).startInventory({
        ...ground('inventory'),
        encryptionKeys,
        connect: { orgId, name: 'C3', ...c3 },
      }),
    telephony: async () =>
      (await import('#subgraphs/telephony/index.ts')).startTelephony(ground('telephony')),
    insights: async () => (await import('#subgraphs/insights/index.ts')).startInsights(ground('insights')),
  }
  const running = await Promise.all(subgraphs.map((name) => start[name]()))
  for (const one of running) stack.use(one)

  if (runs('gateway')) {
    const issuer = isDemo ? await openIssuer({ home: config.home, clock }) : undefined
    stack.use(
      await startGateway({
        port: config.port,
        host: config.host,
        subgraphs: config.siblings,
        supergraphSdl: composedSupergraph(),
        sharedSecret: secret,
        identity: config.provider
          ? { ...config.provider, keys: { url: config.provider.jwksUrl } }
          : {
              issuer: issuer!.issuer,
              audience: issuer!.audience,
              keys: { jwks: issuer!.jwks },
              demo: issuer!,
            },
        mode: config.mode,
        clock,
        log: log.child({ subgraph: 'gateway' }),
      }),
    )
    if (isAll && issuer) stack.use(openDemo({ config, issuer, clock }))
  }
  process.send?.('ready')
}

/** Stops everything, once, on Ctrl-C, on SIGTERM, or when the parent that forked this process is gone. */
const stopWhenTold = (stack: Stack): void => {
  let isStopping = false
  const stop = () => {
    if (isStopping) return
    isStopping = true
    stack.disposeAsync().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(
          `Something could not be stopped: ${error instanceof Error ? error.name : 'error'}\n`,
        )
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  process.on('disconnect', stop)
}

const stack = new AsyncDisposableStack()
stopWhenTold(stack)
try {
  await main(stack)
} catch (error) {
  const isOurs = error instanceof ConfigError || error instanceof Unusable || isHubError(error)
  process.stderr.write(`${isOurs ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  await stack.disposeAsync()
  process.exit(1)
}
