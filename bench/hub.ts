/** The hub under test: its real processes, started through main.ts with a home, ports and a database server of their own. */
import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { databaseUrl, environmentOf } from './config.ts'
import { familyOf, parentOf } from './processes.ts'

const ROOT = join(import.meta.dirname, '..')
export const SUBGRAPHS = ['customers', 'inventory', 'telephony', 'insights', 'hub'] as const
export type Subgraph = (typeof SUBGRAPHS)[number]

/** A process of the hub that has said that it is ready. */
export interface Running extends AsyncDisposable {
  pid: number
  /** @throws when it has ended: a benchmark must not wait for a hub that is gone */
  demandAlive(): void
}

/** A place for one hub and its simulators. Nothing runs in it before it is started. Disposing ends what runs and removes it. */
export interface Place extends AsyncDisposable {
  url: string
  /** Where its data and secrets lie. */
  home: string
  hubspotUrl: string
  /** Starts HubSpot and C3, to be kept apart from the hub. */
  startSimulators(): Promise<Running>
  /** Starts roles of the hub, `all` by default, that find the simulators. @param nodeArguments such as `--cpu-prof` @param more of its environment */
  start(
    roles?: readonly string[],
    nodeArguments?: readonly string[],
    more?: Readonly<Record<string, string>>,
  ): Promise<Running>
  /** A connection of the administrator: it sees every organisation. */
  connect(subgraph: Subgraph | 'postgres'): Promise<pg.Client>
  /** A token of the local issuer. */
  token(): Promise<string>
  /** Everything that PostgreSQL consists of; empty when it does not run on this machine. */
  postgres(): Promise<number[]>
  /** The errors that the hub's processes have logged so far. */
  logged(): Promise<string[]>
  /** Calls the control plane of the HubSpot simulator. */
  sim<T>(path: string, body?: unknown, method?: string): Promise<T>
  /** The same of the C3 simulator. */
  simC3<T>(path: string, body?: unknown, method?: string): Promise<T>
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })

/** The first port of twelve free ones. */
const freePorts = async (): Promise<number> => {
  for (let first = 14_000; first < 60_000; first += 20) {
    const free = await Promise.all(Array.from({ length: 12 }, (_, n) => isFree(first + n)))
    if (free.every(Boolean)) return first
  }
  throw new Error('There are no twelve free ports in a row.')
}

const LOG_FILE = 'hub.log'

/** How long a process may take to stop before it is ended. */
const PATIENCE_MS = 20_000

const begin = async (
  roles: readonly string[],
  environment: Record<string, string>,
  nodeArguments: readonly string[],
): Promise<Running> => {
  const log = openSync(join(environment.TRIBUTARY_HOME!, LOG_FILE), 'a')
  const child = fork(join(ROOT, 'main.ts'), [...roles], {
    cwd: ROOT,
    env: environmentOf(environment),
    execArgv: [...nodeArguments],
    // A benchmark's own output is for its reader: what the hub says is kept beside its data.
    stdio: ['ignore', log, 'inherit', 'ipc'],
  })
  closeSync(log)
  const name = roles.join(' ')
  await new Promise<void>((resolve, reject) => {
    child.once('message', (word: { fault?: string }) =>
      word.fault ? reject(new Error(`${name} could not start: ${word.fault}`)) : resolve(),
    )
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code} before it was ready.`)))
  })
  return {
    pid: child.pid!,
    demandAlive: () => {
      if (hasEnded(child)) throw new Error(`${name} ended with ${child.exitCode ?? child.signalCode}.`)
    },
    [Symbol.asyncDispose]: () => end(child),
  }
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

// A process that was forked stops when the one that forked it goes.
const end = async (child: ChildProcess): Promise<void> => {
  if (hasEnded(child)) return
  const overdue = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const gone = once(child, 'exit')
  if (child.connected) child.disconnect()
  await gone
  clearTimeout(overdue)
}

/** Makes a place for a hub. @param companies of the demo portal. @throws when DATABASE_URL names a server that has a hub already */
export const openPlace = async (
  companies: number,
  { simulatorsApart = true }: { simulatorsApart?: boolean } = {},
): Promise<Place> => {
  const home = await mkdtemp(join(tmpdir(), 'tributary-bench-'))
  // PostgreSQL runs as another user when we are root, and has to reach its data.
  await chmod(home, 0o755)
  const port = await freePorts()
  const hubspotUrl = `http://127.0.0.1:${port + 10}`
  const c3Url = `http://127.0.0.1:${port + 11}`
  // Simulators apart look to the hub like real accounts: it starts none of its own, and makes up no WARP accounts beside them.
  const environment = {
    PORT: String(port),
    TRIBUTARY_HOME: home,
    DEMO_COMPANIES: String(companies),
    LOG_LEVEL: 'warn',
    ...(simulatorsApart
      ? {
          HUBSPOT_URL: hubspotUrl,
          HUBSPOT_TOKEN: 'the token of a benchmark',
          // What the simulated app signs its webhooks with.
          HUBSPOT_CLIENT_SECRET: 'b8a4e1d7-90c2-4f35-8e66-2c7d3f1a9b50',
          C3_URL: c3Url,
          C3_TOKEN: 'the key of a benchmark',
        }
      : {}),
    ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
  }
  const running: Running[] = []
  const keep = async (starting: Promise<Running>): Promise<Running> => {
    const one = await starting
    running.push(one)
    return one
  }
  const connect = async (subgraph: Subgraph | 'postgres'): Promise<pg.Client> => {
    const url = new URL(databaseUrl ?? (await embeddedUrl(home)))
    url.pathname = subgraph === 'postgres' ? url.pathname : `/tributary_${subgraph}`
    const client = new pg.Client({ connectionString: url.href, application_name: 'tributary bench' })
    // The server stops when the hub does; who still asks hears it from the question.
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  if (databaseUrl) await demandEmpty(connect)
  const place: Place = {
    url: `http://127.0.0.1:${port}`,
    home,
    hubspotUrl,
    startSimulators: () => keep(begin(['simulators'], environment, [])),
    start: (roles = ['all'], nodeArguments = [], more = {}) =>
      keep(begin(roles, { ...environment, ...more }, nodeArguments)),
    connect,
    token: () => tokenOf(home),
    postgres: () => postgresOf(connect),
    logged: async () =>
      (await readFile(join(home, LOG_FILE), 'utf8').catch(() => ''))
        .split('\n')
        .filter((line) => line.startsWith('{')),
    sim: (path, body, method) => simulator(hubspotUrl, path, body, method),
    simC3: (path, body, method) => simulator(c3Url, path, body, method),
    [Symbol.asyncDispose]: async () => {
      for (const one of running.reverse()) await one[Symbol.asyncDispose]()
      if (databaseUrl) await dropAll(connect)
      await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })
    },
  }
  // Whoever interrupts a benchmark wants nothing of it left.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(
      signal,
      () => void Promise.resolve(place[Symbol.asyncDispose]()).finally(() => process.exit(1)),
    )
  return place
}

const embeddedUrl = async (home: string): Promise<string> => {
  const [port, password] = await Promise.all(
    ['postgres.port', 'postgres.password'].map((name) => readFile(join(home, name), 'utf8')),
  )
  return `postgres://postgres:${password!.trim()}@127.0.0.1:${port!.trim()}/postgres`
}

type Connect = Place['connect']

const hubsOn = async (client: pg.Client): Promise<string[]> => {
  const { rows } = await client.query<{ datname: string }>(
    `select datname from pg_database where datname = any($1)`,
    [SUBGRAPHS.map((name) => `tributary_${name}`)],
  )
  return rows.map(({ datname }) => datname)
}

const demandEmpty = async (connect: Connect): Promise<void> => {
  const client = await connect('postgres')
  const found = await hubsOn(client).finally(() => client.end())
  if (found.length > 0)
    throw new Error(`The server of DATABASE_URL holds ${found.join(', ')} already. Name one without a hub.`)
}

const dropAll = async (connect: Connect): Promise<void> => {
  const client = await connect('postgres')
  try {
    for (const name of await hubsOn(client)) await client.query(`drop database ${name} with (force)`)
  } finally {
    await client.end()
  }
}

const postgresOf = async (connect: Connect): Promise<number[]> => {
  const client = await connect('postgres')
  try {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    const postmaster = databaseUrl ? undefined : await parentOf(rows[0]!.pid)
    return postmaster ? await familyOf(postmaster) : []
  } finally {
    await client.end()
  }
}

const tokenOf = async (home: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'gateway/identity/token.ts'), '--role', 'admin', '--org', 'demo'],
    { cwd: ROOT, env: environmentOf({ TRIBUTARY_HOME: home }) },
  )
  return stdout.trim()
}

const simulator = async <T>(url: string, path: string, body?: unknown, method?: string): Promise<T> => {
  const answer = await fetch(`${url}/_sim/${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`_sim/${path}: ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** Asks the gateway once. @param body as a client of GraphQL sends it */
export const askGraph = async <T>(
  url: string,
  token: string,
  body: object,
): Promise<{ data?: T | null; errors?: { message: string }[] }> => {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
  return (await response.json()) as { data?: T | null; errors?: { message: string }[] }
}
