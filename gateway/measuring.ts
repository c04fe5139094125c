/** What the gateway shows of itself: requests by door and status, operations by name, sockets, and its subscriptions to the parts. */
import type { ApolloServerPlugin } from '@apollo/server'
import type { FastifyInstance } from 'fastify'
import type { Manifest } from '#operations/manifest.ts'
import { operations, reading, requests } from '#telemetry/measures.ts'
import { measuresDoor } from '#telemetry/measures-door.ts'
import { doorOf } from './doors/callers.ts'
import type { RequestContext } from './execute.ts'

/** What is not of the catalogue: names that callers choose would be without end. */
const FREE = 'free'

/** Notes every operation that is run, whichever door it came by. */
export const measuringOperations = ({ operations: known }: Manifest): ApolloServerPlugin<RequestContext> => {
  const names = new Set(known.map(({ name }) => name))
  return {
    requestDidStart: async () => {
      const began = performance.now()
      return {
        willSendResponse: async ({ operationName, response: { body }, contextValue }) => {
          const operation = operationName && names.has(operationName) ? operationName : FREE
          const error = body.kind === 'single' ? body.singleResult.errors?.[0] : undefined
          const code = error ? String(error.extensions?.code ?? 'INTERNAL') : 'OK'
          const door = contextValue.asked?.door ?? 'SOCKET'
          operations.observe({ operation, door, code }, (performance.now() - began) / 1000)
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
