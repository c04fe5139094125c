import type { FastifyRequest } from 'fastify'
import { Kind, parseType, print, type TypeNode } from 'graphql'
import { BadInput } from '#kernel/errors.ts'
import type { Operation, Route } from '#operations/manifest.ts'
import type { Shape } from '#operations/shape.ts'

/** What a request is asked with: the path, the query string and the body. */
type Sent = Pick<FastifyRequest, 'query' | 'params' | 'body'>

/** Every route that reads takes it: whether an answer without the parts that are missing will do. */
const PARTIAL = 'partial'

/** @throws BAD_INPUT when it cannot be told */
export const wantsPartial = ({ query }: Pick<Sent, 'query'>): boolean => {
  const { [PARTIAL]: sent } = query as Record<string, unknown>
  if (sent === undefined || sent === 'false') return false
  if (sent !== 'true') throw bad(PARTIAL, 'is true or false')
  return true
}

/** Variables of an operation. @throws BAD_INPUT naming what does not fit */
export const variablesOf = (operation: Operation, route: Route, request: Sent): Record<string, unknown> => {
  const types = new Map(operation.variables.map((v) => [v.name, parseType(v.type)]))
  const variables: Record<string, unknown> = {}
  for (const [name, sent] of Object.entries(request.query as Record<string, string | string[]>)) {
    if (name === PARTIAL && operation.kind === 'query') continue
    const type = types.get(name)
    if (!type || !route.query.includes(name)) throw bad(name, 'is not known here')
    variables[name] = read(name, sent, type)
  }
  for (const [name, value] of Object.entries(objectOf(request.body))) {
    if (!types.has(name)) throw bad(name, 'is not known here')
    variables[name] = value
  }
  for (const [name, sent] of Object.entries(request.params as Record<string, string>))
    variables[name] = read(name, sent, types.get(name) as TypeNode)
  return variables
}

/** Variables of a route that speaks in its own words. @throws BAD_INPUT naming what does not fit */
export const shapedVariables = (shape: Shape, { body, query, params }: Sent): Record<string, unknown> => {
  const sent = shape.sent.safeParse({ ...objectOf(body), ...(query as object), ...(params as object) })
  if (sent.success) return shape.toVariables(sent.data)
  const [issue] = sent.error.issues
  const field =
    issue?.path.join('.') || (issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : 'body')
  throw bad(
    field,
    issue?.code === 'unrecognized_keys' ? 'is not known here' : (issue?.message ?? 'does not fit'),
  )
}

const objectOf = (body: unknown): object => {
  if (body === undefined || body === null) return {}
  if (typeof body !== 'object' || Array.isArray(body)) throw bad('body', 'must be a JSON object')
  return body
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
