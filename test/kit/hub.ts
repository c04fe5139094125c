/** A whole hub as people run it: real processes of main.ts, with a home, ports and databases of their own. */

import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import { kept } from '#db/home.ts'
import { session } from '#db/session.ts'
import { openIssuer } from '#gateway/identity/issuer.ts'
import { systemClock } from '#kernel/clock.ts'
import { type Answer, answerOf } from './asking.ts'
import { cleanEnvironment } from './config.ts'
import { freePorts, processes } from './processes.ts'
import { type Followed, follow } from './resuming.ts'
import { temporaryDirectory } from './server.ts'
import { controlOf } from './simulator.ts'
import { until } from './until.ts'

export const REPOSITORY = join(import.meta.dirname, '../..')
const NODE = join(REPOSITORY, 'node_modules/.bin/node')
/** Roles are a server's, and their passwords come from this: hubs that share a server share it. */
const SECRET = 'a secret for tests only'
const PORTS = 12
// Not off: a portal without limits tells of none, and the hub then keeps to what it assumes of the smallest.
const LIFTED = { burst: 1_000_000, search: 1_000_000, daily: 1_000_000_000 }

export interface HubOptions {
  /** Size of the demo portal. Default 40. */
  companies?: number
  /**
   * One process with everything, or one process per entry, which names its roles and options: `'customers --api'`. Words
   * such as `PORT=4100` before them are variables of that process alone.
   */
  roles?: 'all' | readonly string[]
  env?: Record<string, string>
  /** A superuser's URL of a server to use; without it the hub starts its own in its home. */
  databaseUrl?: string
  /** A directory that is there; who made it removes it. Default: a temporary one. */
  home?: string
  /** The mode of the temporary home. Default: others may pass through it. */
  mode?: number
  /** Whom to run as. */
  uid?: number
  /** Vendors' limits as they are. Default: lifted. */
  limits?: boolean
  /** A script of faults for HubSpot, from its first request on. */
  faults?: readonly object[]
  /** Answer before the hub does. Default: wait until it is ready. */
  early?: boolean
  port?: number
}

interface Member {
  role: string
  process: ChildProcess
  exited: Promise<number | null>
}

export type System = 'hubspot' | 'c3'

export interface RunningHub extends AsyncDisposable {
  url: string
  home: string
  port: number
  env: Record<string, string>
  /** Ids of the processes that were started, by role. */
  pids(): Record<string, number | undefined>
  /** What all of them have written. */
  output(): string
  ready(timeoutMs?: number): Promise<void>
  /** Waits until both systems' first syncs are complete. */
  synced(timeoutMs?: number): Promise<void>
  token(role?: string, org?: string, subject?: string): Promise<string>
  /** Asks for an operation of the catalogue by its name, or for a text, as admin of the demo. */
  ask(
    document: string,
    variables?: object,
    as?: { role?: string; org?: string; at?: string },
  ): Promise<Answer>
  /** Follows a subscription through breaks, each time from its last cursor. */
  subscribe(
    query: string,
    variables?: object,
    as?: { role?: string; subject?: string; at?: string },
  ): Followed
  /** Ends a process as a crash does. */
  kill(role?: string): Promise<void>
  /** Starts a role again that was killed or has stopped. */
  restart(role?: string): Promise<void>
  /** Sends a signal to a process, or to its whole group as a terminal does, and answers its exit code. */
  stop(signal: 'SIGINT' | 'SIGTERM', to?: { role?: string; group?: boolean }): Promise<number | null>
  /** Calls a simulator's control plane. */
  sim<T = unknown>(system: System, path: string, body?: unknown, method?: string): Promise<T>
  /** Reads one of its databases past all row security; of hubs on a server that was given. */
  rows<T>(subgraph: Subgraph, sql: string): Promise<T[]>
  /** Resident bytes of the hub's processes: neither simulators nor PostgreSQL. */
  rss(): Promise<number>
  /** Processor time that the hub's processes have had, with the same exceptions. */
  cpuSeconds(): Promise<number>
  /** What of this hub still lives: its processes, what they started, its PostgreSQL. */
  left(): Promise<string[]>
}

/** Starts a hub and waits until it answers. Disposing kills it and throws when anything of it lives on. */
export const startHub = async (options: HubOptions = {}): Promise<RunningHub> => {
  for (let attempt = 1; ; attempt++)
    try {
      return await startOnce(options)
    } catch (error) {
      // Between the look for free ports and the start another test may have taken one.
      const isTaken = error instanceof Error && /in use|EADDRINUSE/.test(error.message)
      if (!isTaken || options.port !== undefined || attempt === 3) throw error
    }
}

const startOnce = async (options: HubOptions): Promise<RunningHub> => {
  await using stack = new AsyncDisposableStack()
  const home = options.home ?? stack.use(await temporaryDirectory()).path
  if (options.mode !== undefined) await chmod(home, options.mode)
  if (options.uid !== undefined) await chown(home, options.uid, options.uid)
  const port = options.port ?? (await freePorts(PORTS))
  const prefix = `hub_${randomBytes(4).toString('hex')}_`
  const { databaseUrl } = options
  const env = {
    ...cleanEnvironment(),
    PORT: String(port),
    TRIBUTARY_HOME: home,
    DEMO_COMPANIES: String(options.companies ?? 40),
    HUB_SECRET: SECRET,
    ...(databaseUrl ? { DATABASE_URL: databaseUrl, DATABASE_PREFIX: prefix } : {}),
    ...options.env,
  }
  const url = `http://127.0.0.1:${port}`
  const members = new Map<string, Member>()
  const groups = new Set<number>()
  let written = ''
  const start = (role: string) => {
    const [own, words] = partition(role.split(' '), (word) => /^[A-Z][A-Z0-9_]*=/.test(word))
    const child = spawn(NODE, ['main.ts', ...words], {
      cwd: REPOSITORY,
      env: { ...env, ...Object.fromEntries(own.map((word) => word.split('=') as [string, string])) },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, as a terminal gives each command.
      detached: true,
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        written += chunk
      })
    if (child.pid) groups.add(child.pid)
    const exited = new Promise<number | null>((resolve) => child.once('close', resolve))
    members.set(role, { role, process: child, exited })
  }
  const roles = options.roles === 'all' || !options.roles ? ['all'] : options.roles
  const member = (role = roles[0]!): Member => {
    const found = members.get(role)
    if (!found) throw new Error(`no process of this hub runs ${role}`)
    return found
  }
  const ours = async () => {
    const places = [home, await dataOutside(home)]
    return (await processes()).filter(
      ({ group, command }) => groups.has(group) || places.some((place) => place && command.includes(place)),
    )
  }
  const own = async () =>
    (await ours()).filter(({ group, command }) => groups.has(group) && !command.includes('simulator'))
  const kill = async (role?: string) => {
    const { process, exited } = member(role)
    process.kill('SIGKILL')
    await exited
  }
  const tokens = new Map<string, Promise<string>>()
  const issue = async (role: string, org: string, subject?: string) =>
    (await openIssuer({ home, clock: systemClock })).issue({ role, org, ...(subject ? { subject } : {}) })
  const token = (role = 'admin', org = 'demo', subject?: string): Promise<string> => {
    const name = JSON.stringify([role, org, subject])
    const issued = tokens.get(name) ?? issue(role, org, subject)
    tokens.set(name, issued)
    return issued
  }
  const ask: RunningHub['ask'] = async (document, variables = {}, as = {}) =>
    answerOf(`${as.at ?? url}/graphql`, document, variables, await token(as.role, as.org))
  const sim: RunningHub['sim'] = (system, ...call) =>
    controlOf(`http://127.0.0.1:${port + (system === 'c3' ? 11 : 10)}`)(...call)
  const ready = async (timeoutMs = 100_000) => {
    const gone = () => [...members.values()].some(({ process }) => process.exitCode !== null)
    await until(
      async () => {
        if (gone()) return true
        return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) })).ok
      },
      { timeoutMs },
    ).catch((error: Error) => {
      throw new Error(`the hub is not ready: ${written}`, { cause: error })
    })
    if (gone()) throw new Error(`the hub did not start: ${written}`)
  }

  stack.defer(async () => {
    // At each look: whoever was being started at the first one is seen at the next.
    const end = async () => {
      const living = await ours()
      for (const { pid, command } of living)
        try {
          // PostgreSQL gives its shared memory back only when it may.
          process.kill(pid, command.includes('postgres') ? 'SIGQUIT' : 'SIGKILL')
        } catch {
          // It ended meanwhile.
        }
      return living.length === 0
    }
    const left = await until(end, { everyMs: 100 }).then(() => [], ours)
    const outside = await dataOutside(home)
    if (outside && !options.home) await rm(outside, { recursive: true, force: true })
    if (databaseUrl) await dropDatabases(databaseUrl, prefix)
    if (left.length > 0)
      throw new Error(`a hub left running: ${left.map(({ command }) => command).join('\n')}`)
  })
  for (const role of roles) start(role)
  // Before the first sync begins where that is possible, so that it is not slowed.
  for (const system of ['hubspot', 'c3'] as const)
    await until(async () => {
      if (!options.limits) await sim(system, 'limits', system === 'hubspot' ? LIFTED : { off: true })
      if (options.faults && system === 'hubspot') await sim(system, 'faults', { list: options.faults })
      return true
    }).catch(() => undefined)
  if (!options.early) await ready()

  const all = stack.move()
  return {
    url,
    home,
    port,
    env,
    pids: () => Object.fromEntries([...members].map(([role, { process }]) => [role, process.pid])),
    output: () => written,
    ready,
    synced: async (timeoutMs = 100_000) => {
      await until(
        async () => {
          const { data } = await ask('SyncRuns', { first: 20 })
          const runs = data.syncRuns.nodes as { system: string; state: string }[]
          return ['HUBSPOT', 'C3'].every((system) =>
            runs.some((run) => run.system === system && run.state === 'COMPLETED'),
          )
        },
        { timeoutMs, everyMs: 100 },
      ).catch((error: Error) => {
        throw new Error(`the first syncs did not complete: ${written}`, { cause: error })
      })
    },
    token,
    ask,
    subscribe: (query, variables = {}, as = {}) =>
      follow({ url: as.at ?? url, query, variables, token: () => token(as.role, 'demo', as.subject) }),
    kill,
    restart: async (role) => {
      start(member(role).role)
      await ready()
    },
    stop: async (signal, { role, group = false } = {}) => {
      const { process: child, exited } = member(role)
      process.kill(group ? -child.pid! : child.pid!, signal)
      return exited
    },
    sim,
    rows: async <T>(subgraph: Subgraph, sql: string) => {
      if (!databaseUrl) throw new Error('only the databases of a given server can be read')
      const at = new URL(databaseUrl)
      at.pathname = `/${prefix}${subgraph}`
      return session(at.href, async (client) => (await client.query(sql)).rows as T[])
    },
    rss: async () => (await own()).reduce((sum, { bytes }) => sum + bytes, 0),
    cpuSeconds: async () => (await own()).reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    left: async () => (await ours()).map(({ command }) => command),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

const partition = <T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] => [
  all.filter(isFirst),
  all.filter((one) => !isFirst(one)),
]

const dropDatabases = (adminUrl: string, prefix: string): Promise<void> =>
  session(adminUrl, async (client) => {
    for (const name of SUBGRAPHS) await client.query(`drop database if exists ${prefix}${name} with (force)`)
  })

/** Where root keeps what the user postgres could not reach in the home. */
const dataOutside = async (home: string): Promise<string | undefined> => {
  const pointer = await kept(home, 'postgres.place').catch(() => undefined)
  return pointer && (JSON.parse(pointer) as { base: string }).base
}
