/** What the gateway shows of itself, as measures and in traces: requests by door and status, operations by name, sockets, and its subscriptions to the parts. */
import type { ApolloServerPlugin } from '@apollo/server'
import type { FastifyInstance } from 'fastify'
import type { Manifest } from '#operations/manifest.ts'
import { operations, reading, requests } from '#telemetry/measures.ts'
import { measuresDoor } from '#telemetry/measures-door.ts'
import { beginStep } from '#telemetry/traces.ts'
import { doorOf } from './doors/callers.ts'
import type { RequestContext } from './execute.ts'

/** What is not of the catalogue: names that callers choose would be without end. */
const FREE = 'free'

/** Notes every operation that is run, whichever door it came by, and makes it a step of its trace. */
export const measuringOperations = ({ operations: known }: Manifest): ApolloServerPlugin<RequestContext> => {
  const names = new Set(known.map(({ name }) => name))
  return {
    requestDidStart: async ({ contextValue }) => {
      const began = performance.now()
      const step = beginStep('operation', { parent: contextValue.asked?.trace })
      // What the parts are asked for is asked for by this step.
      if (step) contextValue.asked = { ...contextValue.asked, trace: step.trace }
      return {
        willSendResponse: async ({ operationName, response: { body } }) => {
          const operation = operationName && names.has(operationName) ? operationName : FREE
          const error = body.kind === 'single' ? body.singleResult.errors?.[0] : undefined
          const code = error ? String(error.extensions?.code ?? 'INTERNAL') : 'OK'
          const door = contextValue.asked?.door ?? 'SOCKET'
          operations.observe({ operation, door, code }, (performance.now() - began) / 1000)
          step?.end(undefined, { 'hub.operation': operation, 'hub.door': door, 'hub.code': code })
        },
      }
    },
  }
}

/** `GET /metrics`, and what is counted over all doors. */
export const measureGateway = (
  app: FastifyInstance,
  { token, upstreams }: { token: string | undefined; upstreams: () => number },
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
    { name: 'hub_upstreams', labels: {}, value: upstreams() },
  ])
}
