/** `/graphql` as server-sent events: GraphQL over SSE, in distinct connections mode. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type ExecutionResult, type GraphQLError, OperationTypeNode } from 'graphql'
import { BadInput, type HubError, isHubError, toPublic } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { CredentialOver, publicError, SlowConsumer, UNFIT_STATUS } from '../errors.ts'
import type { Executor } from '../execute.ts'
import { type Caller, credentialOf } from '../identity/index.ts'
import type { CredentialWatch } from '../identity/watch.ts'
import type { Follower } from '../subscriptions/follower.ts'
import { prepare, readOperation } from '../subscriptions/plan.ts'
import { LONGEST_CURSOR } from '../subscriptions/position.ts'
import { contextOf } from './callers.ts'
import { type EventStream, type OpenEventStream, pour, type ServerEvent } from './event-stream.ts'
import { nameOf, type Resolved, variablesOf } from './graphql-params.ts'

export interface StreamOptions {
  executor: Executor
  follower: Follower
  watch: CredentialWatch
  openEventStream: OpenEventStream
  log: Log
}

type Stream = (request: FastifyRequest, reply: FastifyReply, ask: Resolved) => Promise<FastifyReply>

const EVENTS = 'text/event-stream'
const COMPLETE: ServerEvent = { event: 'complete', data: '' }

const accepts = ({ headers }: FastifyRequest): string => headers.accept ?? ''

/** Whether the answer is to be a stream: of anything for a client that takes nothing else, of a subscription for one that can. */
export const wantsStream = (request: FastifyRequest, ask: Resolved, { limits }: Executor): boolean => {
  const accepted = accepts(request)
  if (!accepted.includes(EVENTS)) return false
  if (!/json|\*\/\*/.test(accepted)) return true
  try {
    const { operation } = readOperation({ query: ask.query, operationName: nameOf(ask) }, limits)
    return operation.operation === OperationTypeNode.SUBSCRIPTION
  } catch {
    return false // Refused in the same words as without a stream.
  }
}

const next = (result: ExecutionResult | { errors: readonly unknown[] }): ServerEvent => {
  const cursor = (result as ExecutionResult).extensions?.cursor
  return {
    event: 'next',
    ...(typeof cursor === 'string' ? { id: cursor } : {}),
    data: JSON.stringify(result),
  }
}

/** The last words of a stream that ends before what it followed does. */
const endWith = (stream: EventStream, { message, code }: HubError): void =>
  stream.end(next({ errors: [{ message, extensions: { code } }] }), COMPLETE)

/** Opens the streams. What is refused before one begins is answered as without one. */
export const openGraphqlStream = (options: StreamOptions): Stream => {
  const { executor, follower, watch, openEventStream, log } = options
  const { snapshot, limits } = executor

  const refuse = (reply: FastifyReply, faults: readonly (GraphQLError | Error)[]) => {
    const errors = faults.map((fault) => publicError(fault, log))
    return reply.code(UNFIT_STATUS).type('application/graphql-response+json; charset=utf-8').send({ errors })
  }

  const follow = async (
    request: FastifyRequest,
    reply: FastifyReply,
    ask: { query: string; operationName: string | undefined; variables: Record<string, unknown> },
  ): Promise<FastifyReply> => {
    const caller = request.visitor as Caller
    const prepared = prepare(snapshot, ask, limits)
    if (!('part' in prepared)) return refuse(reply, prepared)
    // A client that comes again says by this header what it got last.
    const seen = request.headers['last-event-id']
    const after =
      typeof seen === 'string' && seen !== '' && seen.length < LONGEST_CURSOR ? { after: seen } : {}
    let stream: EventStream | undefined
    const slow = () => stream && endWith(stream, SlowConsumer.with())
    const results = follower.follow(
      prepared.cursorVariable ? { ...prepared, ...after } : prepared,
      caller,
      slow,
    )
    const opened = openEventStream(reply)
    stream = opened
    const over = (why: HubError | undefined) => endWith(opened, why ?? CredentialOver.with())
    const unwatch = watch.watch({ caller, credential: credentialOf(request.headers), over })
    void pour(opened, results, next)
      .then(
        () => opened.end(COMPLETE),
        (error) => opened.end(next({ errors: [publicError(error, log)] }), COMPLETE),
      )
      .finally(unwatch)
    return reply
  }

  const once = async (
    request: FastifyRequest,
    reply: FastifyReply,
    ask: { query: string; operationName: string | undefined; variables: Record<string, unknown> },
    isRead: boolean,
  ): Promise<FastifyReply> => {
    const context = contextOf(request, reply, request.visitor as Caller, executor, { isRead })
    const result = await executor.run(ask, context)
    openEventStream(reply).end(next(result as ExecutionResult), COMPLETE)
    return reply
  }

  return async (request, reply, asked) => {
    const ask = { query: asked.query, operationName: nameOf(asked), variables: variablesOf(asked) }
    try {
      const { operation } = readOperation(ask, limits).operation
      if (operation === OperationTypeNode.SUBSCRIPTION) return await follow(request, reply, ask)
      const isRead = operation === OperationTypeNode.QUERY
      if (!isRead && request.method === 'GET')
        throw BadInput.with({ field: 'method', reason: 'a mutation is sent by POST' })
      // Only a whole answer can be kept and given again: better none than one that seems to be made once.
      if (!isRead && request.headers['idempotency-key'] !== undefined)
        throw BadInput.with({
          field: 'idempotency-key',
          reason: 'goes with an answer as JSON, not as a stream',
        })
      return await once(request, reply, ask, isRead)
    } catch (error) {
      if (isHubError(error)) throw error
      return refuse(reply, [error instanceof Error ? error : toPublic(error)])
    }
  }
}
