/** The gateway's process. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '#kernel/clock.ts'
import { openLog } from '#kernel/log.ts'
import { readGatewayConfig } from './config.ts'
import { openIssuer } from './identity/issuer.ts'
import { startGateway } from './index.ts'

/** The supergraph as it was composed at build time. */
export const composedSupergraph = (): string =>
  readFileSync(join(import.meta.dirname, '../schema/generated/supergraph.graphql'), 'utf8')

/** Starts the gateway as configured; stops it on SIGINT and SIGTERM. */
const main = async (): Promise<void> => {
  const config = readGatewayConfig()
  if (!config.sharedSecret) throw new Error('Set HUB_SECRET to the text all processes of the hub share.')
  const log = openLog('gateway', config.level)
  const demo = config.provider ? undefined : await openIssuer({ home: config.home, clock: systemClock })
  const gateway = await startGateway({
    port: config.port,
    host: config.host,
    subgraphs: config.subgraphs,
    supergraphSdl: composedSupergraph(),
    sharedSecret: config.sharedSecret,
    identity: config.provider
      ? { ...config.provider, keys: { url: config.provider.jwksUrl }, client: config.client }
      : { issuer: demo!.issuer, audience: demo!.audience, keys: { jwks: demo!.jwks }, demo: demo! },
    mode: config.mode,
    edge: { publicUrl: config.publicUrl, trustedProxies: config.trustedProxies },
    clock: systemClock,
    log,
  })
  const stop = () => void gateway[Symbol.asyncDispose]().then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

if (import.meta.main) await main()
