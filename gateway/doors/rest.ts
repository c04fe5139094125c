import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type FormattedExecutionResult, isObjectType } from 'graphql'
import { NotFound } from '#kernel/errors.ts'
import type { Manifest, Operation, Route } from '#operations/manifest.ts'
import type { Shape } from '#operations/shape.ts'
import type { Executor, RequestContext } from '../execute.ts'
import type { Caller, Identity } from '../identity/index.ts'
import { type Kept, keyOf, madeOnce, type Once } from '../once.ts'
import { shownPlan } from '../planning.ts'
import { isKnown, keepPrivate, pageLinks, tagOf, tellLegacy } from '../rest/headers.ts'
import { missingOf, partsOf, problemOfMissing } from '../rest/missing.ts'
import { checkSent, checkWanted } from '../rest/negotiation.ts'
import {
  type Problem,
  problemHeaders,
  problemOf,
  problemOfErrors,
  problemOfRefusal,
} from '../rest/problems.ts'
import { shapedVariables, variablesOf, wantsPartial } from '../rest/variables.ts'
import { callerOf, contextOf, tellBeside } from './callers.ts'

interface Options {
  executor: Executor
  identity: Identity
  manifest: Manifest
  shapes: ReadonlyMap<string, Shape>
  once: Once
}

/** The REST routes of the catalogue. A route runs its operation's own document: it cannot answer other than the graph. */
export const restDoor = (app: FastifyInstance, options: Options): void => {
  for (const operation of options.manifest.operations)
    for (const route of operation.routes)
      app.route({
        method: route.method,
        url: route.path.replace(/\{(\w+)\}/g, ':$1'),
        onRequest: async (request, reply) => {
          keepPrivate(reply, { isRead: operation.kind === 'query' })
          request.visitor = await callerOf(request, options.identity)
          checkWanted(request.headers)
          checkSent(request.headers)
        },
        handler: (request, reply) => answer({ ...options, operation, route, request, reply }),
      })
}

interface Call extends Options {
  operation: Operation
  route: Route
  request: FastifyRequest
  reply: FastifyReply
}

/** What a route says: a body for who asked, or why there is none. */
interface Answered {
  status: number
  body: unknown
  headers: Record<string, string>
}

const answer = async (call: Call): Promise<FastifyReply> => {
  const { operation, route, request, reply } = call
  const caller = request.visitor as Caller
  const shape = route.shape === undefined ? undefined : call.shapes.get(route.shape)
  const variables = shape ? shapedVariables(shape, request) : variablesOf(operation, route, request)
  // A change that is made is answered with what there is: asking again would make it twice.
  const isPartial = operation.kind !== 'query' || (!shape && wantsPartial(request))
  const links = tellLegacy(reply, route, request.params as Record<string, string>)
  const { answer, data } = await made({ ...call, shape, variables, isPartial })
  const linked = [...links, ...pageLinks(operation, route, request, data)]
  if (linked.length > 0) reply.header('link', linked.join(', '))
  reply.code(answer.status).headers(answer.headers)
  if (!isFetched(request) || answer.status >= 400) return reply.send(answer.body)
  const tag = tagOf(answer.body, caller)
  reply.header('etag', tag)
  return isKnown(request, tag) ? reply.code(304).send() : reply.send(answer.body)
}

const isFetched = ({ method }: FastifyRequest): boolean => method === 'GET' || method === 'HEAD'

interface Read extends Call {
  shape: Shape | undefined
  variables: Record<string, unknown>
  /** Whether an answer that lacks something will do. */
  isPartial: boolean
}

/** What is answered: as it comes, or, to a change with a key, as it was answered the first time. */
const made = async (call: Read): Promise<{ answer: Kept; data?: unknown }> => {
  const { operation, route, request, reply, executor, variables } = call
  const key = operation.kind === 'mutation' ? keyOf(request.headers['idempotency-key']) : undefined
  const isRead = operation.kind === 'query'
  const begin = () => contextOf(request, reply, request.visitor as Caller, executor, { isRead })
  const context = begin()
  if (key === undefined || context.planning?.kind === 'plan') return run(call, context)
  const asked = [route.method, route.path, operation.hash, variables, context.planning]
  const of = { key, asked, begin, caller: context.caller.principal, waitMs: executor.limits.deadlineMs }
  const { answer, isReplayed } = await madeOnce(call.once, of, async (turn) => ({
    ...(await run(call, turn)),
    isSecret: operation.secret === true,
  }))
  if (isReplayed) reply.header('idempotent-replayed', 'true')
  return { answer }
}

/** Runs the operation. */
const run = async (call: Read, context: RequestContext) => {
  const { executor, operation, reply, variables } = call
  const ask = { query: operation.text, operationName: operation.name, variables }
  const result = await executor.run(ask, context)
  tellBeside(reply, context)
  const judged = judge({ ...call, result })
  const answer = isProblem(judged)
    ? { status: judged.status, headers: problemHeaders(judged), body: JSON.stringify(judged) }
    : {
        ...judged,
        headers: { ...judged.headers, 'content-type': JSON_TYPE },
        body: JSON.stringify(judged.body),
      }
  // Where the operation has answered, it is known what it did, be it that it refused.
  return { answer, data: result.data, isFinal: !result.errors?.length || bodyOf(operation, result) != null }
}

const JSON_TYPE = 'application/json; charset=utf-8'

interface Judged extends Read {
  result: FormattedExecutionResult
}

/** What an operation's result is in the words of HTTP. */
const judge = ({
  executor,
  operation,
  route,
  shape,
  variables,
  result,
  isPartial,
}: Judged): Answered | Problem => {
  const body = bodyOf(operation, result)
  const { errors = [] } = result
  if (body === undefined || body === null)
    return errors.length > 0 ? problemOfErrors(errors) : problemOf(NotFound.with({ what: 'It' }))
  if (isRefusal(executor, body)) return problemOfRefusal(body as Record<string, unknown>)
  const missing = missingOf(operation, errors, executor.snapshot)
  if (missing.length > 0 && !isPartial) return problemOfMissing(missing, errors)
  const said = shape ? shape.toBody(body, variables) : withMissing(body, missing)
  const plan = shownPlan(result)
  const { status, headers } = plan?.confirm ? { status: 200, headers: {} } : statusOf(route, body, plan)
  return {
    status,
    headers: {
      ...headers,
      ...(missing.length > 0 ? { 'x-hub-missing': partsOf(missing).join(', ') } : {}),
      ...(plan ? { 'x-hub-plan': plan.hash } : {}),
    },
    body: plan?.confirm ? { plan, result: said } : said,
  }
}

const isProblem = (one: Answered | Problem): one is Problem => 'detail' in one

/** A list has no place for what it lacks: there the header alone says it. */
const withMissing = (body: unknown, missing: readonly unknown[]): unknown =>
  missing.length === 0 || typeof body !== 'object' || Array.isArray(body) ? body : { ...body, missing }

const ACCEPTED = 202

/** The status of a good answer. While what was asked for is not there yet, it says that and where to ask again. */
const statusOf = (
  { status, done, location = '' }: Route,
  body: unknown,
  plan: unknown,
): { status: number; headers: Record<string, string> } => {
  if (plan || done === undefined || fieldOf(body, done)) return { status, headers: {} }
  const place = location.replace(/\{([\w.]+)\}/g, (_, path: string) =>
    encodeURIComponent(String(fieldOf(body, path) ?? '')),
  )
  return { status: ACCEPTED, headers: { location: place, 'retry-after': '1' } }
}

const fieldOf = (body: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], body)

/** What a route answers: the one field the operation asks for, or all of them by name. */
const bodyOf = (operation: Operation, { data }: FormattedExecutionResult): unknown => {
  const [only] = operation.roots
  return operation.roots.length === 1 && only ? data?.[only] : data
}

const isRefusal = ({ snapshot }: Executor, body: unknown): boolean => {
  const { __typename: name } = body as Record<string, unknown>
  const type = typeof name === 'string' ? snapshot.schema.getType(name) : undefined
  return isObjectType(type) && type.getInterfaces().some((i) => i.name === 'Refusal')
}
