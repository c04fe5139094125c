import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { enrichment } from '#connectors/enrichment/config.ts'
import { chatModel } from '#connectors/language-model/config.ts'
import { mail } from '#connectors/smtp/config.ts'
import { type DatabaseUrls, databaseUrls, SUBGRAPHS, type Subgraph } from '#db/databases.ts'
import { lock } from '#db/file-lock.ts'
import { keptPassword, openHome } from '#db/home.ts'
import { nats } from '#events/config.ts'
import {
  allOrNone,
  ConfigError,
  type Environment,
  type Fault,
  flag,
  int,
  oneOf,
  optional,
  type Reader,
  readConfig,
  secret,
  text,
  url,
} from '#kernel/config.ts'
import { isArea } from '#kernel/log.ts'
import { seeing } from '#telemetry/config.ts'

const SCHEMES = ['postgres:', 'postgresql:']
const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const
const HIGHEST_PORT = 65_535
/** Of the gateway's port, so that the eleven after it exist too. */
const HIGHEST_FIRST_PORT = 65_000
const HUBSPOT = 'https://api.hubapi.com'
/** Where HubSpot asks people whether they let an app in. */
const HUBSPOT_CONSENT = 'https://app.hubspot.com/oauth/authorize'
/** Where HubSpot may send the browser back to: the intake door has both. */
const CALLBACKS = ['/api/integrations/hubspot/callback', '/api/auth/hubspot/callback'] as const
/** What opens the simulators when nothing else is said. */
const SIMULATED = {
  hubspot: 'simulated-portal',
  client: '6f0c1d52-3a7e-4b6d-9a51-5d1f0c7be204',
  /** The simulated app's number, and what opens its settings. */
  developer: { appId: '1160452', apiKey: 'd3v0a1b2-6c7d-4e8f-9a0b-1c2d3e4f5a6b' },
  /** What the simulated app signs its webhooks with. */
  secret: 'b8a4e1d7-90c2-4f35-8e66-2c7d3f1a9b50',
  c3: 'simulated-c3',
}
const upper = (name: string) => name.toUpperCase()

/** 32 bytes each, as hex or base64, separated by commas; the first one seals. */
const encryptionKeys: Reader<string[] | undefined> = (env, faults) => {
  const keys = optional(text('HUB_ENCRYPTION_KEYS'))(env, faults)
    ?.split(',')
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

/** Networks as `address/bits`, separated by commas. */
const webhookNetworks: Reader<string[]> = (env, faults) => {
  const networks = optional(text('HUBSPOT_WEBHOOK_CIDRS'))(env, faults)
    ?.split(',')
    .map((one) => one.trim())
  if (networks?.every(isNetwork) === false)
    faults.push({
      variable: 'HUBSPOT_WEBHOOK_CIDRS',
      problem: 'holds something that is no network',
      fix: 'Write each as address/bits, such as 203.0.113.0/24, separated by commas',
    })
  return networks ?? []
}

const isNetwork = (network: string): boolean => {
  const [address = '', bits = ''] = network.split('/')
  if (!isIP(address) || !/^\d{1,3}$/.test(bits)) return false
  return Number(bits) <= (isIP(address) === 4 ? 32 : 128)
}

/** Areas of the log, separated by commas. */
const debugAreas: Reader<string[]> = (env, faults) => {
  const areas = optional(text('LOG_DEBUG'))(env, faults)
    ?.split(',')
    .map((area) => area.trim())
    .filter(Boolean)
  if (areas?.every(isArea) === false)
    faults.push({
      variable: 'LOG_DEBUG',
      problem: 'holds something that is no area of the log',
      fix: 'Write areas such as customers:webhooks or gateway:*, separated by commas; * is all',
    })
  return areas ?? []
}

const databasePrefix: Reader<string> = (env, faults) => {
  const prefix = text('DATABASE_PREFIX', 'tributary_')(env, faults)
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(prefix))
    faults.push({
      variable: 'DATABASE_PREFIX',
      problem: 'cannot begin the name of a database',
      fix: 'Use small letters, digits and _, a letter first, at most 41',
    })
  return prefix
}

const bySubgraph =
  <T>(read: (name: Subgraph, place: number) => Reader<T>): Reader<Record<Subgraph, T>> =>
  (env, faults) =>
    Object.fromEntries(SUBGRAPHS.map((name, place) => [name, read(name, place)(env, faults)])) as Record<
      Subgraph,
      T
    >

/** The variables of the ports, each with the port of a hub whose gateway listens on `first`. */
const portsAfter = (first: number): Record<Subgraph | 'hubspot' | 'c3', Reader<number>> => ({
  ...(Object.fromEntries(
    SUBGRAPHS.map((name, place) => [name, int(`${upper(name)}_PORT`, first + 1 + place, 1, HIGHEST_PORT)]),
  ) as Record<Subgraph, Reader<number>>),
  hubspot: int('HUBSPOT_SIMULATOR_PORT', first + 10, 1, HIGHEST_PORT),
  c3: int('C3_SIMULATOR_PORT', first + 11, 1, HIGHEST_PORT),
})

/** Ports are counted from the gateway's, so that one variable moves a whole hub. */
const ports: Reader<Record<Subgraph | 'gateway' | 'hubspot' | 'c3', number>> = (env, faults) => {
  const gateway = int('PORT', 4000, 1, HIGHEST_FIRST_PORT)(env, faults)
  const rest = Object.entries(portsAfter(gateway ?? 4000)).map(([name, read]) => [name, read(env, faults)])
  const all: Record<string, number> = { gateway, ...Object.fromEntries(rest) }
  for (const [name, port] of Object.entries(all)) {
    const first = Object.keys(all).find((other) => all[other] === port)
    if (port !== undefined && first !== name)
      faults.push({
        variable: portVariable(name),
        problem: `is ${port}, which is also ${portVariable(first ?? '')}`,
        fix: 'Give each a port of its own',
      })
  }
  return all as ReturnType<typeof ports>
}

/** The variable that moves what listens on a port. */
export const portVariable = (name: string): string =>
  name === 'gateway'
    ? 'PORT'
    : `${upper(name)}${name === 'hubspot' || name === 'c3' ? '_SIMULATOR' : ''}_PORT`

/** What a process of the hub can be told, whichever roles it has. @throws ConfigError naming every fault at once */
export const readHubConfig = (env: Environment = process.env) => {
  const faults: Fault[] = []
  const at = ports(env, faults)
  const host = text('HOST', '127.0.0.1')(env, faults)
  // Who listens everywhere is found on this machine's own address.
  const near = /^(0\.0\.0\.0|::)$/.test(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  const spec = {
    home: text('TRIBUTARY_HOME', '.tributary'),
    demoCompanies: int('DEMO_COMPANIES', 500, 1, 1_000_000),
    mode: oneOf('HUB_MODE', ['development', 'production'], 'development'),
    level: oneOf('LOG_LEVEL', LEVELS, 'warn'),
    ...{ debugAreas, encryptionKeys },
    secret: optional(secret('HUB_SECRET', undefined, 16)),
    databaseUrl: optional(url('DATABASE_URL', undefined, SCHEMES)),
    databaseUrls: bySubgraph((name) => optional(url(`${upper(name)}_DATABASE_URL`, undefined, SCHEMES))),
    databasePrefix,
    siblings: bySubgraph((name) => url(`${upper(name)}_URL`, `http://${near}:${at[name]}`)),
    opsWebhookUrl: optional(url('OPS_WEBHOOK_URL')),
    partnersInside: flag('PARTNERS_INSIDE'),
    ...{ mail, enrichment, chatModel, nats, seeing, webhookNetworks },
    ...{ hubspotUrl: optional(url('HUBSPOT_URL')), hubspotToken: optional(secret('HUBSPOT_TOKEN')) },
    hubspotClientId: optional(text('HUBSPOT_CLIENT_ID')),
    hubspotClientSecret: optional(secret('HUBSPOT_CLIENT_SECRET')),
    hubspotConsent: optional(url('HUBSPOT_AUTHORIZE_URL')),
    hubspotCallback: oneOf('HUBSPOT_CALLBACK', CALLBACKS, CALLBACKS[0]),
    hubspotOAuth: oneOf('HUBSPOT_OAUTH_VERSION', ['v1', '2026-09'], 'v1'),
    hubspotFormerSecret: optional(secret('HUBSPOT_CLIENT_SECRET_PREVIOUS')),
    hubspotWebhookV1: oneOf('HUBSPOT_WEBHOOK_V1', ['refuse', 'allow'], 'refuse'),
    publicUrl: optional(url('PUBLIC_URL')),
    trustedProxies: int('TRUST_PROXY', 0, 0, 10),
    socketsPerCaller: int('SOCKETS_PER_CALLER', 50, 1, 1_000_000),
    keptMegabytes: int('ANSWERS_KEPT_MB', 0, 0, 65_536),
    provedPercent: int('ANSWERS_PROVED_PERCENT', 0, 0, 100),
    developer: allOrNone({ appId: text('HUBSPOT_APP_ID'), apiKey: secret('HUBSPOT_DEVELOPER_API_KEY') }),
    c3: allOrNone({ url: url('C3_URL'), token: secret('C3_TOKEN') }),
    client: allOrNone({ id: text('OIDC_CLIENT_ID'), secret: secret('OIDC_CLIENT_SECRET') }),
    provider: allOrNone({
      issuer: url('JWT_ISSUER'),
      audience: text('JWT_AUDIENCE'),
      jwksUrl: url('JWT_JWKS_URL'),
    }),
  }
  const { hubspotUrl, hubspotToken, hubspotClientSecret, hubspotFormerSecret, c3, ...more } = readAll(
    spec,
    env,
    appless(env, faults),
  )
  const { publicUrl, trustedProxies, hubspotWebhookV1, webhookNetworks: networks, ...rest } = more
  const { hubspotClientId, hubspotConsent, hubspotCallback, hubspotOAuth, developer, ...others } = rest
  const { keptMegabytes: megabytes, provedPercent, ...read } = others
  // A real app or a real token means a real HubSpot.
  const simulated = !hubspotToken && !hubspotClientId
  const clientSecret = hubspotClientSecret ?? (simulated ? SIMULATED.secret : undefined)
  const clientId = hubspotClientId ?? (simulated ? SIMULATED.client : undefined)
  const hubspot = hubspotUrl ?? (simulated ? `http://${near}:${at.hubspot}` : HUBSPOT)
  const gateway = `http://${near}:${at.gateway}`
  return {
    ...read,
    ports: at,
    host,
    edge: { publicUrl, trustedProxies },
    /** How much memory of a gateway answers may take that are kept. Undefined: none is, and no table tells when it is touched. */
    keeps: megabytes > 0 ? { megabytes, provedPercent } : undefined,
    /** Where a process of this machine finds the gateway. */
    gateway,
    home: resolve(import.meta.dirname, read.home),
    /** Whether we simulate them, and how they are reached either way. */
    hubspot: {
      simulated,
      url: hubspot,
      /** Of a private app: connected by itself at the start. Undefined: portals are connected by people. */
      token: hubspotToken ?? (simulated ? SIMULATED.hubspot : undefined),
      /** Our app, which portals let in. Undefined: only private apps' tokens connect. */
      app:
        clientId && clientSecret
          ? {
              clientId,
              clientSecret,
              redirectUri: `${(publicUrl ?? gateway).replace(/\/+$/, '')}${hubspotCallback}`,
              authorizeUrl: hubspotConsent ?? (simulated ? `${hubspot}/oauth/authorize` : HUBSPOT_CONSENT),
              version: hubspotOAuth,
            }
          : undefined,
      /** Opens the app's own settings. Undefined: what its timeline would show is written as notes. */
      developer: developer ?? (simulated ? SIMULATED.developer : undefined),
      webhooks: {
        secrets: [clientSecret, hubspotFormerSecret].filter((one) => one !== undefined),
        allowV1: hubspotWebhookV1 === 'allow',
        networks,
      },
    },
    c3: {
      simulated: !c3,
      url: c3?.url ?? `http://${near}:${at.c3}`,
      token: c3?.token ?? SIMULATED.c3,
    },
  }
}

/** An app's id is of no use without its secret. */
const appless = (env: Environment, faults: Fault[]): Fault[] => {
  if (env.HUBSPOT_CLIENT_ID && !env.HUBSPOT_CLIENT_SECRET)
    faults.push({
      variable: 'HUBSPOT_CLIENT_SECRET',
      problem: 'is missing, while HUBSPOT_CLIENT_ID is set',
      fix: 'Set both, as HubSpot shows them with the app',
    })
  return faults
}

/** As readConfig, with the faults that were found before among those it throws. */
const readAll = <S extends Record<string, Reader<unknown>>>(spec: S, env: Environment, faults: Fault[]) => {
  try {
    const read = readConfig(spec, env)
    if (faults.length === 0) return read
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    faults.push(...error.faults)
  }
  throw new ConfigError(faults)
}

export type HubConfig = ReturnType<typeof readHubConfig>

/** What the processes of a hub share and nobody else knows: from the environment, or made once and kept in the home. */
export const readSecrets = async (
  config: HubConfig,
): Promise<{ secret: string; encryptionKeys: string[] }> => {
  const shared = config.secret ?? (await keptSecret(config.home))
  const derived = createHash('sha256').update(`tributary encryption ${shared}`).digest('hex')
  return { secret: shared, encryptionKeys: config.encryptionKeys ?? [derived] }
}

const keptSecret = async (path: string): Promise<string> => {
  const home = await openHome(path)
  // The roles of a hub may start at the same moment, each in its process: one makes it.
  const alone = await lock(join(home, 'hub.lock'), 'exclusive', 10_000)
  try {
    return await keptPassword(home, 'hub.secret')
  } finally {
    alone?.release()
  }
}

/** Where the administrator of a subgraph's database server is reached, and the variable that says so. */
export const adminOf = (config: HubConfig, subgraph: Subgraph, embedded?: string) => {
  const own = config.databaseUrls[subgraph]
  return {
    variable: own ? `${upper(subgraph)}_DATABASE_URL` : 'DATABASE_URL',
    url: own ?? config.databaseUrl ?? embedded,
  }
}

/** Whether one of the subgraphs has no server given, so that ours has to be started. */
export const needsServer = (config: HubConfig, subgraphs: readonly Subgraph[]): boolean =>
  subgraphs.some((name) => !adminOf(config, name).url)

export const databaseNameOf = (config: HubConfig, subgraph: Subgraph): string =>
  `${config.databasePrefix}${subgraph}`

/** The connection strings of a subgraph's own roles. */
export const urlsOf = (
  config: HubConfig,
  subgraph: Subgraph,
  secret: string,
  embedded?: string,
): DatabaseUrls => {
  const { url } = adminOf(config, subgraph, embedded)
  if (!url) throw new Error(`no database server for ${subgraph}`)
  return databaseUrls(url, subgraph, secret, databaseNameOf(config, subgraph))
}
