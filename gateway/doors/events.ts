/**
 * `GET /api/v2/events/{Name}`: the subscriptions of the catalogue as server-sent events, for programs that speak neither GraphQL nor
 * WebSocket. What partners' webhooks are told is described below `/api/v2/events/schemas`.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ExecutionResult, GraphQLFormattedError } from 'graphql'
import { NotFound } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import type { Manifest, Operation, Route } from '#operations/manifest.ts'
import { PARTNER_EVENTS, partnerEvents } from '#schema/events.ts'
import { partnerEventOf, schemaOfPartnerEvent } from '#schema/partner-events.ts'
import { publicError } from '../errors.ts'
import type { Executor } from '../execute.ts'
import { type Caller, credentialOf, type Identity } from '../identity/index.ts'
import type { CredentialWatch } from '../identity/watch.ts'
import { problemOfErrors, sendProblem } from '../rest/problems.ts'
import { variablesOf } from '../rest/variables.ts'
import type { Follower } from '../subscriptions/follower.ts'
import { type Prepared, prepare } from '../subscriptions/plan.ts'
import { callerOf } from './callers.ts'
import { type EventStream, type OpenEventStream, pour, type ServerEvent } from './event-stream.ts'

export interface EventsOptions {
  executor: Executor
  identity: Identity
  manifest: Manifest
  follower: Follower
  watch: CredentialWatch
  openEventStream: OpenEventStream
  log: Log
}

const PATH = '/api/v2/events'

/** What a stream says before it ends by itself. Without an id: the client goes on behind the last event that it has. */
const lastWords = (code: string, message: string, more: object = {}): ServerEvent => ({
  event: 'error',
  data: JSON.stringify({ code, message, ...more }),
})
const OVER = lastWords(
  'UNAUTHENTICATED',
  'Your credential has run out, or means other rights now. Come again with one that is valid.',
)
const SLOW = lastWords(
  'SLOW_CONSUMER',
  'You did not take events as fast as they came. Come again with Last-Event-ID.',
)

/** Opens the door. What is followed here is followed as over WebSocket, by the same cursors and within the same limits. */
export const eventsDoor = (app: FastifyInstance, options: EventsOptions): void => {
  for (const operation of options.manifest.operations.filter(({ kind }) => kind === 'subscription'))
    app.get(`${PATH}/${operation.name}`, {
      onRequest: async (request) => {
        request.visitor = await callerOf(request, options.identity)
      },
      handler: async (request, reply) => follow(operation, request, reply, options),
    })
  app.get(`${PATH}/schemas`, async () => ({
    events: PARTNER_EVENTS.map((name) => {
      const { type, says } = partnerEvents[name]
      return { event: name, type, description: says, schema: `${PATH}/schemas/${type}` }
    }),
  }))
  app.get<{ Params: { type: string } }>(`${PATH}/schemas/:type`, async ({ params }, reply) => {
    const name = partnerEventOf(params.type)
    if (!name) throw NotFound.with({ what: 'An event of that type' })
    return reply
      .type('application/schema+json; charset=utf-8')
      .send(JSON.stringify(schemaOfPartnerEvent(name)))
  })
}

const follow = (
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  { executor, follower, watch, openEventStream, log }: EventsOptions,
): FastifyReply => {
  const caller = request.visitor as Caller
  const prepared = preparedOf(operation, request, executor, log)
  if ('errors' in prepared) return sendProblem(reply, problemOfErrors(prepared.errors))
  let stream: EventStream | undefined
  const results = follower.follow(prepared, caller, () => stream?.end(SLOW))
  const opened = openEventStream(reply)
  stream = opened
  const unwatch = watch.watch({
    ...{ caller, credential: credentialOf(request.headers) },
    over: () => opened.end(OVER),
  })
  // What ends it by itself is thrown: a cursor that is too old, or a part that does not answer.
  pour(opened, results, toEvent)
    .catch((error: unknown) => opened.end(failed(publicError(error, log))))
    .finally(() => {
      unwatch()
      opened.end()
    })
  return reply
}

/** The subscription as the address asks for it. A client that comes again says where it was by `Last-Event-ID`, whatever the address says. */
const preparedOf = (
  operation: Operation,
  request: FastifyRequest,
  { snapshot, limits }: Executor,
  log: Log,
): Prepared | { errors: GraphQLFormattedError[] } => {
  const route: Route = {
    method: 'GET',
    path: '',
    status: 200,
    query: operation.variables.map(({ name }) => name),
  }
  const variables = variablesOf(operation, route, { query: request.query, params: {}, body: undefined })
  const last = request.headers['last-event-id']
  if (typeof last === 'string' && last !== '') variables.after = last
  try {
    const ask = { query: operation.text, operationName: operation.name, variables }
    const prepared = prepare(snapshot, ask, limits)
    return 'part' in prepared ? prepared : { errors: prepared.map((error) => publicError(error, log)) }
  } catch (error) {
    return { errors: [publicError(error, log)] }
  }
}

const failed = ({ message, extensions }: GraphQLFormattedError): ServerEvent => {
  const { code = 'INTERNAL', oldest } = extensions ?? {}
  return lastWords(String(code), message, oldest === undefined ? {} : { oldest })
}

/** The value of the one root field, as REST answers are. What lacks a part says so, and the stream goes on. */
const toEvent = ({ data, errors, extensions }: ExecutionResult): ServerEvent => {
  const [error] = errors ?? []
  if (error && !data) return failed(error)
  const { cursor } = (extensions ?? {}) as { cursor?: string }
  const [value] = Object.values(data ?? {})
  return {
    ...(cursor === undefined ? {} : { id: cursor }),
    ...(error ? { event: 'incomplete' } : {}),
    data: JSON.stringify(value ?? null),
  }
}
