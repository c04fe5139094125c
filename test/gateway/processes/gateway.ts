/** The gateway as a process of its own: `gateway.ts <port> <home> <subgraphs as JSON> [secret]`. */
import { openIssuer } from '#gateway/identity/issuer.ts'
import { startGateway } from '#gateway/index.ts'
import { composedSupergraph } from '#gateway/supergraph/composed.ts'
import { systemClock } from '#kernel/clock.ts'
import { openLog } from '#kernel/log.ts'
import { SECRET } from '#test/kit/graph.ts'

const [port, home, subgraphs, secret = SECRET] = process.argv.slice(2) as [string, string, string, string?]
const { issuer, audience, jwks } = await openIssuer({ home, clock: systemClock })
const gateway = await startGateway({
  port: Number(port),
  subgraphs: JSON.parse(subgraphs),
  supergraphSdl: composedSupergraph(),
  sharedSecret: secret,
  identity: { issuer, audience, keys: { jwks } },
  mode: 'development',
  clock: systemClock,
  log: openLog('gateway', 'silent'),
})
process.send?.({ port: gateway.port })
