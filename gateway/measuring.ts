/** What the gateway shows of itself, as measures and in traces: requests by door and status, operations by name, sockets, and its subscriptions to the parts. */
import type { FastifyInstance } from 'fastify'
import type { GraphQLFormattedError } from 'graphql'
import type { Manifest } from '#operations/manifest.ts'
import { operations, type Reading, reading, requests } from '#telemetry/measures.ts'
import { measuresDoor } from '#telemetry/measures-door.ts'
import { beginStep } from '#telemetry/traces.ts'
import { doorOf } from './doors/callers.ts'
import type { RequestContext } from './execute.ts'
import type { BreakerState } from './supergraph/breaker.ts'

/** What is not of the catalogue: names that callers choose would be without end. */
const FREE = 'free'

/**
 * Begins to measure an operation that is run under a context: what the parts are asked for meanwhile is asked for by its step.
 * @returns ends it, with the operation's name and its first error if it has one
 */
export type BeginMeasure = (context: RequestContext) => (name: string | undefined, error?: Shown) => void
type Shown = Pick<GraphQLFormattedError, 'extensions'>

/** For who is not measured. */
export const unmeasured: BeginMeasure = () => () => undefined

/** Notes every operation that is run, whichever door it came by, and makes it a step of its trace. */
export const measuringOperations = ({ operations: known }: Manifest): BeginMeasure => {
  const names = new Set(known.map(({ name }) => name))
  return (context) => {
    const began = performance.now()
    const before = context.asked
    const step = beginStep('operation', { parent: before?.trace })
    if (step) context.asked = { ...before, trace: step.trace }
    return (name, error) => {
      context.asked = before
      const operation = name && names.has(name) ? name : FREE
      const code = error ? String(error.extensions?.code ?? 'INTERNAL') : 'OK'
      const door = before?.door ?? 'SOCKET'
      operations.observe({ operation, door, code }, (performance.now() - began) / 1000)
      step?.end(undefined, { 'hub.operation': operation, 'hub.door': door, 'hub.code': code })
    }
  }
}

const OPEN: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 0.5, open: 1 }

/** `GET /metrics`, and what is counted over all doors. */
export const measureGateway = (
  app: FastifyInstance,
  {
    token,
    ...shown
  }: {
    token: string | undefined
    upstreams(): number
    subscriptions(): number
    /** How each part does, as who asks it finds. */
    parts(): readonly (readonly [part: string, state: BreakerState])[]
    /** How much memory kept answers take. */
    keptBytes(): number
  },
): AsyncDisposable => {
  let sockets = 0
  app.server.on('upgrade', (_, socket) => {
    sockets += 1
    socket.once('close', () => {
      sockets -= 1
    })
  })
  app.addHook('onResponse', async (request, reply) => {
    requests.inc({ door: doorOf(request), status: String(reply.statusCode) })
  })
  measuresDoor(app as never, token)
  return reading(() => [
    { name: 'hub_sockets', labels: {}, value: sockets },
    { name: 'hub_upstreams', labels: {}, value: shown.upstreams() },
    { name: 'hub_subscriptions', labels: {}, value: shown.subscriptions() },
    { name: 'hub_kept_bytes', labels: {}, value: shown.keptBytes() },
    ...shown
      .parts()
      .map(([part, state]): Reading => ({ name: 'hub_part_open', labels: { part }, value: OPEN[state] })),
  ])
}
