/** Looks around before anything is started, so that every fault is told at once. */
import { createServer } from 'node:net'
import type { Subgraph } from '#db/databases.ts'
import { openHome } from '#db/home.ts'
import { session } from '#db/session.ts'
import type { Fault } from '#kernel/config.ts'
import { isHubError } from '#kernel/errors.ts'
import { adminOf, type HubConfig, portVariable } from './config.ts'

/** The first with the built-in collation that our databases have. */
const OLDEST_POSTGRES = 17

/** What around a process keeps it from starting: ports that are taken, a home or a database server it cannot use. */
export const faultsAround = async (
  config: HubConfig,
  uses: { ports: readonly (keyof HubConfig['ports'])[]; subgraphs: readonly Subgraph[] },
): Promise<Fault[]> => {
  const servers = new Map(uses.subgraphs.map((name) => [adminOf(config, name).url, adminOf(config, name)]))
  const found = await Promise.all([
    homeFault(config),
    portFault(config, uses.ports),
    ...[...servers.values()].map(({ variable, url }) => serverFault(variable, url)),
  ])
  return found.filter((fault) => fault !== undefined)
}

const homeFault = async ({ home }: HubConfig): Promise<Fault | undefined> => {
  try {
    await openHome(home)
  } catch (error) {
    if (!isHubError(error)) throw error
    return { variable: 'TRIBUTARY_HOME', problem: error.message.replace(/\.$/, ''), fix: '' }
  }
}

const portFault = async (
  { host, ports }: HubConfig,
  names: readonly (keyof HubConfig['ports'])[],
): Promise<Fault | undefined> => {
  const refused = await Promise.all(names.map((name) => refusalToListen(host, ports[name])))
  const problems = Map.groupBy(
    names.filter((_, place) => refused[place]),
    (name) => refused[names.indexOf(name)] ?? '',
  )
  const [code, taken] = [...problems][0] ?? []
  if (!taken) return
  const list = taken.map((name) => `${ports[name]} (${portVariable(name)})`).join(', ')
  if (code === 'EADDRINUSE')
    return {
      variable: 'PORT',
      problem: `in use: ${list}`,
      fix: 'Stop what listens there, or set PORT to another free range, such as 4100',
    }
  if (code === 'EACCES')
    return { variable: 'PORT', problem: `this user may not listen on ${list}`, fix: 'Use ports above 1023' }
  return {
    variable: 'HOST',
    problem: `this machine has no address ${host}`,
    fix: 'Set it to 127.0.0.1, 0.0.0.0 or an address of this machine',
  }
}

const refusalToListen = (host: string, port: number): Promise<string | undefined> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.name))
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(undefined)))
  })

/** In what way a server is not one we can use, by the code of what connecting to it throws. */
const REFUSALS: [code: RegExp, problem: string, fix: string][] = [
  [/^28/, 'refuses this user or password', 'Set it to the URL of a user that may create databases and roles'],
  [/^3D000$/, 'has no database of that name', 'Name one that exists; postgres usually does'],
  [/^(E|57P)/, 'does not answer', 'Start it, or leave the variable out to use the embedded one'],
]

const serverFault = async (variable: string, url: string | undefined): Promise<Fault | undefined> => {
  if (!url) return
  const at = new URL(url).host
  try {
    const version = await session(url, async (client) => {
      const { rows } = await client.query<{ server_version_num: string }>('show server_version_num')
      return Math.floor(Number(rows[0]?.server_version_num) / 10_000)
    })
    if (version >= OLDEST_POSTGRES) return
    const fix = `Use PostgreSQL 18, or leave the variable out to use the embedded one`
    return { variable, problem: `the server at ${at} is PostgreSQL ${version}`, fix }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'E'
    const [, problem, fix] = REFUSALS.find(([pattern]) => pattern.test(code)) ?? REFUSALS.at(-1)!
    return { variable, problem: `the server at ${at} ${problem} (${code})`, fix }
  }
}
