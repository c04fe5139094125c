import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  allOrNone,
  type Environment,
  int,
  oneOf,
  optional,
  readConfig,
  secret,
  text,
  url,
} from '#kernel/config.ts'

/** The parts of the graph, in the order of their ports after the gateway's. */
export const PARTS = ['customers', 'inventory', 'telephony', 'insights', 'hub'] as const
export type Part = (typeof PARTS)[number]

const REPOSITORY = join(import.meta.dirname, '..')

/** Adds what a `.env` file in the repository says to the environment; what is set already stays. */
export const loadEnvironmentFile = (): void => {
  const file = join(REPOSITORY, '.env')
  if (existsSync(file)) process.loadEnvFile(file)
}

/** What the gateway's process can be told. @throws ConfigError naming every fault at once */
export const readGatewayConfig = (env: Environment = process.env) => {
  const { home, ...read } = readConfig(
    {
      port: int('PORT', 4000, 0, 65_535),
      host: text('HOST', '127.0.0.1'),
      home: text('TRIBUTARY_HOME', '.tributary'),
      level: text('LOG_LEVEL', 'info'),
      mode: oneOf('HUB_MODE', ['development', 'production'], 'development'),
      sharedSecret: optional(secret('HUB_SECRET', undefined, 16)),
      publicUrl: optional(url('PUBLIC_URL')),
      trustedProxies: int('TRUST_PROXY', 0, 0, 10),
      /** How the provider knows the hub, where browsers sign in there. */
      client: allOrNone({ id: text('OIDC_CLIENT_ID'), secret: secret('OIDC_CLIENT_SECRET') }),
      /** An identity provider. Without it the local issuer is used: the demo. */
      provider: allOrNone({
        issuer: url('JWT_ISSUER'),
        audience: text('JWT_AUDIENCE'),
        jwksUrl: url('JWT_JWKS_URL'),
      }),
    },
    env,
  )
  const subgraphs = readConfig(
    Object.fromEntries(
      PARTS.map((part, index) => [
        part,
        url(`${part.toUpperCase()}_URL`, `http://127.0.0.1:${read.port + 1 + index}`),
      ]),
    ),
    env,
  ) as Record<Part, string>
  return { ...read, home: resolve(REPOSITORY, home), subgraphs }
}
