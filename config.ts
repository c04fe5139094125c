import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { type DatabaseUrls, databaseUrls, SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import { keptPassword, openHome } from '#db/home.ts'
import {
  allOrNone,
  ConfigError,
  type Environment,
  type Fault,
  int,
  oneOf,
  optional,
  type Reader,
  readConfig,
  secret,
  text,
  url,
} from '#kernel/config.ts'

const SCHEMES = ['postgres:', 'postgresql:']
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
const upper = (name: string) => name.toUpperCase()

/** 32 bytes each, as hex or base64, separated by commas; the first one seals. */
const encryptionKeys: Reader<string[] | undefined> = (env, faults) => {
  const keys = env.HUB_ENCRYPTION_KEYS?.split(',')
    .map((key) => key.trim())
    .filter(Boolean)
  const bytes = (key: string) => Buffer.from(key, /^[0-9a-f]{64}$/i.test(key) ? 'hex' : 'base64').length
  if (keys?.some((key) => bytes(key) !== 32))
    faults.push({
      variable: 'HUB_ENCRYPTION_KEYS',
      problem: 'holds a key that is not 32 bytes',
      fix: 'Make each with `openssl rand -hex 32`, newest first, separated by commas',
    })
  return keys?.length ? keys : undefined
}

const bySubgraph =
  <T>(read: (name: Subgraph, place: number) => Reader<T>): Reader<Record<Subgraph, T>> =>
  (env, faults) =>
    Object.fromEntries(SUBGRAPHS.map((name, place) => [name, read(name, place)(env, faults)])) as Record<
      Subgraph,
      T
    >

/** What a process of the hub can be told, whichever roles it has. @throws ConfigError naming every fault at once */
export const readHubConfig = (env: Environment = process.env) => {
  const faults: Fault[] = []
  // Ports are counted from the gateway's, so that one variable moves a whole hub.
  const port = readPort(env)
  const spec = {
    port: int('PORT', 4000, 1, 65_000),
    host: text('HOST', '127.0.0.1'),
    home: text('TRIBUTARY_HOME', '.tributary'),
    demoCompanies: int('DEMO_COMPANIES', 500, 1, 1_000_000),
    mode: oneOf('HUB_MODE', ['development', 'production'], 'development'),
    level: oneOf('LOG_LEVEL', LEVELS, 'warn'),
    secret: optional(secret('HUB_SECRET', undefined, 16)),
    encryptionKeys,
    databaseUrl: optional(url('DATABASE_URL', undefined, SCHEMES)),
    databaseUrls: bySubgraph((name) => optional(url(`${upper(name)}_DATABASE_URL`, undefined, SCHEMES))),
    ports: bySubgraph((name, place) => int(`${upper(name)}_PORT`, port + 1 + place, 1, 65_535)),
    siblings: bySubgraph((name, place) => url(`${upper(name)}_URL`, `http://127.0.0.1:${port + 1 + place}`)),
    hubspotPort: int('HUBSPOT_SIMULATOR_PORT', port + 10, 1, 65_535),
    c3Port: int('C3_SIMULATOR_PORT', port + 11, 1, 65_535),
    hubspotUrl: optional(url('HUBSPOT_URL')),
    hubspotToken: optional(secret('HUBSPOT_TOKEN')),
    c3: allOrNone({ url: url('C3_URL'), token: secret('C3_TOKEN') }),
    provider: allOrNone({
      issuer: url('JWT_ISSUER'),
      audience: text('JWT_AUDIENCE'),
      jwksUrl: url('JWT_JWKS_URL'),
    }),
  }
  const read = readConfig(spec, env)
  if (faults.length > 0) throw new ConfigError(faults)
  return { ...read, home: resolve(import.meta.dirname, read.home) }
}

const readPort = (env: Environment): number => {
  const port = Number(env.PORT ?? 4000)
  return Number.isInteger(port) && port > 0 && port <= 65_000 ? port : 4000
}

export type HubConfig = ReturnType<typeof readHubConfig>

/** What the processes of a hub share and nobody else knows: from the environment, or made once and kept in the home. */
export const readSecrets = async (
  config: HubConfig,
): Promise<{ secret: string; encryptionKeys: string[] }> => {
  const home = await openHome(config.home)
  const shared = config.secret ?? (await keptPassword(home, 'hub.secret'))
  const derived = createHash('sha256').update(`tributary encryption ${shared}`).digest('hex')
  return { secret: shared, encryptionKeys: config.encryptionKeys ?? [derived] }
}

/** Where the administrator of a subgraph's database server is reached. */
export const adminUrlOf = (config: HubConfig, subgraph: Subgraph, embedded: string | undefined): string => {
  const admin = config.databaseUrls[subgraph] ?? config.databaseUrl ?? embedded
  if (!admin) throw new Error(`no database server for ${subgraph}`)
  return admin
}

/** Whether every subgraph has a server of its own or the given one, so that none has to be started. */
export const needsServer = (config: HubConfig): boolean =>
  !config.databaseUrl && SUBGRAPHS.some((name) => !config.databaseUrls[name])

export const urlsOf = (config: HubConfig, name: Subgraph, secret: string, embedded?: string): DatabaseUrls =>
  databaseUrls(adminUrlOf(config, name, embedded), name, secret)

/** Where the local issuer and the embedded server keep what they must not lose. */
export const homeFile = (config: HubConfig, name: string): string => join(config.home, name)
