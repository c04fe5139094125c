import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type FormattedExecutionResult, isObjectType, Kind, parseType, print, type TypeNode } from 'graphql'
import { BadInput } from '#kernel/errors.ts'
import type { Manifest, Operation, Route } from '#operations/manifest.ts'
import type { Shape } from '#operations/shape.ts'
import type { Executor } from '../execute.ts'
import type { Caller, Identity } from '../identity/index.ts'
import { shownPlan } from '../planning.ts'
import { callerOf, contextOf, tellBeside } from './callers.ts'

interface Options {
  executor: Executor
  identity: Identity
  manifest: Manifest
  shapes: ReadonlyMap<string, Shape>
}

/** What a refusal of the graph is in the words of HTTP. */
const REFUSAL_STATUS: Readonly<Record<string, number>> = { Missing: 404, Stale: 409 }
const INVALID = 422

/** The status of an error code, where it is not 500. */
const ERROR_STATUS: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  HUB_UNAVAILABLE: 503,
  TOO_MANY_SUBSCRIPTIONS: 429,
  RATE_LIMITED: 429,
  BAD_INPUT: 400,
  BAD_USER_INPUT: 400,
  QUERY_TOO_COSTLY: 400,
  PLAN_MOVED: 409,
  PLAN_NEEDS_VENDOR: 409,
  CONFIRM_REFUSED: 409,
  CONFIRM_SPENT: 409,
  GRAPHQL_VALIDATION_FAILED: 400,
}

/** The REST routes of the catalogue. A route runs its operation's own document: it cannot answer other than the graph. */
export const restDoor = (app: FastifyInstance, options: Options): void => {
  for (const operation of options.manifest.operations)
    for (const route of operation.routes)
      app.route({
        method: route.method,
        url: route.path.replace(/\{(\w+)\}/g, ':$1'),
        onRequest: async (request) => {
          request.visitor = await callerOf(request, options.identity)
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

const answer = async (call: Call): Promise<FastifyReply> => {
  const { executor, operation, route, request, reply } = call
  const shape = route.shape === undefined ? undefined : call.shapes.get(route.shape)
  const variables = shape ? shapedVariables(shape, request) : variablesOf(call)
  const isRead = operation.kind === 'query'
  const context = contextOf(request, reply, request.visitor as Caller, executor, { isRead })
  const ask = { query: operation.text, operationName: operation.name, variables }
  const result = await executor.run(ask, context)
  tellBeside(reply, context)
  const body = bodyOf(operation, result)
  const parts = (result.errors ?? []).flatMap((error) => (error.extensions?.part as string) ?? [])
  if (parts.length > 0) reply.header('x-hub-missing', [...new Set(parts)].join(', '))
  if (body === undefined || body === null)
    return result.errors?.length
      ? failed(reply, result)
      : sendProblem(reply, 404, 'NOT_FOUND', 'It was not found.')
  const refusal = refusalOf(executor, body)
  if (refusal) return sendProblem(reply, refusal.status, refusal.code, refusal.message, refusal.more)
  const answered = shape ? shape.toBody(body, variables) : body
  const plan = shownPlan(result)
  if (!plan) return reply.code(statusOf(route, body, reply)).send(answered)
  reply.header('x-hub-plan', plan.hash)
  return plan.confirm
    ? reply.code(200).send({ plan, result: answered })
    : reply.code(route.status).send(answered)
}

const ACCEPTED = 202

/** The status of a good answer. While what was asked for is not there yet, it says that and where to ask again. */
const statusOf = ({ status, done, location = '' }: Route, body: unknown, reply: FastifyReply): number => {
  if (done === undefined || fieldOf(body, done)) return status
  const place = location.replace(/\{([\w.]+)\}/g, (_, path: string) =>
    encodeURIComponent(String(fieldOf(body, path) ?? '')),
  )
  reply.header('location', place).header('retry-after', '1')
  return ACCEPTED
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

const failed = (reply: FastifyReply, { errors }: FormattedExecutionResult): FastifyReply => {
  const [first] = errors ?? []
  const code = String(first?.extensions?.code ?? 'INTERNAL')
  const { code: _, ...more } = first?.extensions ?? {}
  if (code === 'HUB_UNAVAILABLE') reply.header('retry-after', '1')
  return sendProblem(reply, ERROR_STATUS[code] ?? 500, code, first?.message ?? '', more)
}

const sendProblem = (
  reply: FastifyReply,
  status: number,
  code: string,
  detail: string,
  more: Record<string, unknown> = {},
): FastifyReply =>
  reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title: code, status, detail, code, ...more }))

const refusalOf = ({ snapshot }: Executor, body: unknown) => {
  const { __typename: name, code, message, ...more } = body as Record<string, unknown>
  const type = typeof name === 'string' ? snapshot.schema.getType(name) : undefined
  if (!isObjectType(type) || !type.getInterfaces().some((i) => i.name === 'Refusal')) return undefined
  const status = REFUSAL_STATUS[type.name] ?? INVALID
  return { status, code: String(code), message: String(message), more }
}

/** Variables from the path, the query string and the body. @throws BAD_INPUT naming what does not fit */
const variablesOf = ({ operation, route, request }: Call): Record<string, unknown> => {
  const types = new Map(operation.variables.map((v) => [v.name, parseType(v.type)]))
  const variables: Record<string, unknown> = {}
  for (const [name, sent] of Object.entries(request.query as Record<string, string | string[]>)) {
    const type = types.get(name)
    if (!type || !route.query.includes(name)) throw bad(name, 'is not known here')
    variables[name] = read(name, sent, type)
  }
  if (request.body !== undefined && request.body !== null) {
    if (typeof request.body !== 'object' || Array.isArray(request.body))
      throw bad('body', 'must be a JSON object')
    for (const [name, value] of Object.entries(request.body)) {
      if (!types.has(name)) throw bad(name, 'is not known here')
      variables[name] = value
    }
  }
  for (const [name, sent] of Object.entries(request.params as Record<string, string>))
    variables[name] = read(name, sent, types.get(name) as TypeNode)
  return variables
}

/** Variables of a route that speaks in its own words. @throws BAD_INPUT naming what does not fit */
const shapedVariables = (shape: Shape, request: FastifyRequest): Record<string, unknown> => {
  const { body, query, params } = request
  if (body !== undefined && body !== null && (typeof body !== 'object' || Array.isArray(body)))
    throw bad('body', 'must be a JSON object')
  const sent = shape.sent.safeParse({ ...(body as object), ...(query as object), ...(params as object) })
  if (sent.success) return shape.toVariables(sent.data)
  const [issue] = sent.error.issues
  const field =
    issue?.path.join('.') || (issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : 'body')
  throw bad(
    field,
    issue?.code === 'unrecognized_keys' ? 'is not known here' : (issue?.message ?? 'does not fit'),
  )
}

const bad = (field: string, reason: string) => BadInput.with({ field, reason })

/** A text of the address as a variable's value. What it means is checked by the graph. */
const read = (name: string, sent: string | string[], type: TypeNode): unknown => {
  const inner = type.kind === Kind.NON_NULL_TYPE ? type.type : type
  if (inner.kind === Kind.LIST_TYPE)
    return (Array.isArray(sent) ? sent : [sent]).map((one) => read(name, one, inner.type))
  if (Array.isArray(sent)) throw bad(name, 'may be given once')
  const type_ = print(inner)
  if (type_ === 'Boolean' && (sent === 'true' || sent === 'false')) return sent === 'true'
  if (type_ === 'Int' && /^-?\d{1,10}$/.test(sent)) return Number(sent)
  if (type_ === 'Float' && sent !== '' && Number.isFinite(Number(sent))) return Number(sent)
  if (['Boolean', 'Int', 'Float'].includes(type_)) throw bad(name, `is not a value of type ${type_}`)
  return sent
}
