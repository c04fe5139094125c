import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type FormattedExecutionResult, isObjectType } from 'graphql'
import { NotFound } from '#kernel/errors.ts'
import type { Manifest, Operation, Route } from '#operations/manifest.ts'
import type { Shape } from '#operations/shape.ts'
import type { Executor } from '../execute.ts'
import type { Caller, Identity } from '../identity/index.ts'
import { shownPlan } from '../planning.ts'
import { isKnown, keepPrivate, pageLinks, tagOf, tellLegacy } from '../rest/headers.ts'
import { missingOf, partsOf, problemOfMissing } from '../rest/missing.ts'
import { checkSent, checkWanted } from '../rest/negotiation.ts'
import { type Problem, problemOf, problemOfErrors, problemOfRefusal, sendProblem } from '../rest/problems.ts'
import { shapedVariables, variablesOf, wantsPartial } from '../rest/variables.ts'
import { callerOf, contextOf, tellBeside } from './callers.ts'

interface Options {
  executor: Executor
  identity: Identity
  manifest: Manifest
  shapes: ReadonlyMap<string, Shape>
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
  const { executor, operation, route, request, reply } = call
  const caller = request.visitor as Caller
  const shape = route.shape === undefined ? undefined : call.shapes.get(route.shape)
  const variables = shape ? shapedVariables(shape, request) : variablesOf(operation, route, request)
  const isRead = operation.kind === 'query'
  // A change that is made is answered with what there is: asking again would make it twice.
  const isPartial = !isRead || (!shape && wantsPartial(request))
  const context = contextOf(request, reply, caller, executor, { isRead })
  const ask = { query: operation.text, operationName: operation.name, variables }
  const result = await executor.run(ask, context)
  tellBeside(reply, context)
  const links = tellLegacy(reply, route, request.params as Record<string, string>)
  const answered = judge({ ...call, shape, variables, result, isPartial })
  if (isProblem(answered)) return sendProblem(linked(reply, links), answered)
  linked(reply, [...links, ...pageLinks(operation, route, request, result.data)])
  const { status, headers } = answered
  const body = JSON.stringify(answered.body)
  reply.code(status).headers(headers).type('application/json; charset=utf-8')
  if (request.method !== 'GET' && request.method !== 'HEAD') return reply.send(body)
  const tag = tagOf(body, caller)
  reply.header('etag', tag)
  return isKnown(request, tag) ? reply.code(304).send() : reply.send(body)
}

interface Judged extends Call {
  shape: Shape | undefined
  variables: Record<string, unknown>
  result: FormattedExecutionResult
  isPartial: boolean
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

const linked = (reply: FastifyReply, links: readonly string[]): FastifyReply =>
  links.length > 0 ? reply.header('link', links.join(', ')) : reply

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
