/** What the REST door promises, as short as it can be said, so that two versions of it can be compared. */
import type { OpenApi } from './index.ts'
import type { JsonSchema } from './schemas.ts'

/** A word for a value (`string`, `integer|null`, `enum A B`), a list of one shape, or fields by name. */
export type Shape = string | [Shape] | { [field: string]: Shape }

/** One route. Names that have to be sent end in `!`. */
export interface Promised {
  status: string
  takes: Record<string, Shape>
  gives: Shape
}
/** By method and path, with `{}` for whatever a path takes. */
export type RestPromise = Record<string, Promised>

interface Described {
  parameters?: ({ $ref: string } | { name: string; in: string; required?: boolean; schema: JsonSchema })[]
  requestBody?: { content: { 'application/json': { schema: JsonSchema } } }
  responses: Record<string, { content?: { 'application/json'?: { schema: JsonSchema } } }>
}

/** What a document promises. */
export const promiseOf = ({ paths, components }: OpenApi): RestPromise => {
  const shape = (schema: JsonSchema, inside: readonly string[] = []): Shape => {
    const { $ref, type, properties, items, anyOf, oneOf, enum: values } = schema as Record<string, never>
    if ($ref !== undefined) {
      const name = String($ref).split('/').at(-1) as string
      // An input may hold itself.
      return inside.includes(name) ? name : shape(components.schemas[name] as JsonSchema, [...inside, name])
    }
    if (anyOf !== undefined) {
      const inner = shape((anyOf as JsonSchema[])[0] as JsonSchema, inside)
      return typeof inner === 'string' ? `${inner}|null` : inner
    }
    if (oneOf !== undefined) {
      const shapes = (oneOf as JsonSchema[]).map((one) => [nameOf(one), shape(one, inside)] as const)
      return Object.fromEntries(shapes)
    }
    if (properties !== undefined) return fieldsOf(schema, inside)
    if (items !== undefined) return [shape(items as JsonSchema, inside)]
    if (values !== undefined) return `enum ${(values as string[]).toSorted().join(' ')}`
    return Array.isArray(type) ? (type as string[]).join('|') : String(type ?? 'any')
  }
  const fieldsOf = (schema: JsonSchema, inside: readonly string[]): { [field: string]: Shape } => {
    const needed = (schema.additionalProperties === false ? (schema.required as string[]) : undefined) ?? []
    return Object.fromEntries(
      Object.entries(schema.properties as Record<string, JsonSchema>).map(([name, one]) => [
        needed.includes(name) ? `${name}!` : name,
        shape(one, inside),
      ]),
    )
  }
  return Object.fromEntries(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, route]) => {
        const { parameters = [], requestBody, responses } = route as unknown as Described
        const own = parameters.flatMap((one) => ('$ref' in one ? [] : [one]))
        const body = requestBody?.content['application/json'].schema
        const status = Object.keys(responses).find((one) => one.startsWith('2')) as string
        const answer = Object.entries(responses).find(([, one]) => one.content?.['application/json'])
        const promised: Promised = {
          status: answer?.[0] ?? status,
          takes: {
            ...Object.fromEntries(
              own
                .filter((one) => one.in === 'query')
                .map((one) => [one.required ? `${one.name}!` : one.name, shape(one.schema)]),
            ),
            ...(body ? fieldsOf(body, []) : {}),
          },
          gives: shape(answer?.[1].content?.['application/json']?.schema ?? {}),
        }
        return [`${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '{}')}`, promised] as const
      }),
    ),
  )
}

const nameOf = (schema: JsonSchema): string =>
  String(schema.$ref ?? 'one')
    .split('/')
    .at(-1)
    ?.replace(/_\d+$/, '') as string

/** What callers of the one version would miss in the other, a sentence each. */
export const brokenBetween = (before: RestPromise, now: RestPromise): string[] =>
  Object.entries(before).flatMap(([route, was]) => {
    const is = now[route]
    if (!is) return [`${route} is gone`]
    return [
      ...(is.status === was.status ? [] : [`${route} answers ${is.status}, no longer ${was.status}`]),
      ...lost(was.takes, is.takes, '').map((says) => `${route} is asked: ${says}`),
      ...missed(was.gives, is.gives, '').map((says) => `${route} answers: ${says}`),
    ]
  })

const bare = (name: string): string => name.replace(/!$/, '')

/** What could be sent and cannot any more. */
const lost = (was: Shape, is: Shape, place: string): string[] => {
  if (typeof was === 'string' || typeof is === 'string')
    return was === is || widens(was, is) ? [] : [`${place} is ${said(is)}, no longer ${said(was)}`]
  if (Array.isArray(was) || Array.isArray(is))
    return Array.isArray(was) && Array.isArray(is)
      ? lost(was[0], is[0], `${place}[]`)
      : [`${place} is of another form`]
  const before = new Map(Object.entries(was).map(([name, shape]) => [bare(name), { name, shape }]))
  const after = new Map(Object.entries(is).map(([name, shape]) => [bare(name), { name, shape }]))
  return [
    ...[...before].flatMap(([name, { shape }]) => {
      const then = after.get(name)
      return then
        ? lost(shape, then.shape, inside(place, name))
        : [`${inside(place, name)} is not taken any more`]
    }),
    ...[...after].flatMap(([name, then]) =>
      then.name.endsWith('!') && !before.get(name)?.name.endsWith('!')
        ? [`${inside(place, name)} is needed now`]
        : [],
    ),
  ]
}

/** What was answered and is not any more. */
const missed = (was: Shape, is: Shape, place: string): string[] => {
  if (typeof was === 'string' || typeof is === 'string')
    return was === is || widens(is, was) ? [] : [`${place} is ${said(is)}, no longer ${said(was)}`]
  if (Array.isArray(was) || Array.isArray(is))
    return Array.isArray(was) && Array.isArray(is)
      ? missed(was[0], is[0], `${place}[]`)
      : [`${place} is of another form`]
  return Object.entries(was).flatMap(([name, shape]) => {
    const then = is[name]
    return then === undefined ? [`${inside(place, name)} is gone`] : missed(shape, then, inside(place, name))
  })
}

const inside = (place: string, name: string): string => (place === '' ? name : `${place}.${name}`)
/** In words that fit into a table. */
const said = (shape: Shape): string =>
  typeof shape === 'string' ? shape.replaceAll('|', ' or ') : 'an object or list'

/** Whether `to` lets in everything that `from` does: null beside it, or more values of an enum. */
const widens = (from: Shape, to: Shape): boolean => {
  if (typeof from !== 'string' || typeof to !== 'string') return false
  if (!to.endsWith('|null') && from.endsWith('|null')) return false
  const values = (text: string) => text.replace(/\|null$/, '').split(' ')
  const [allowed, wanted] = [values(to), values(from)]
  return from.startsWith('enum') ? wanted.every((one) => allowed.includes(one)) : allowed[0] === wanted[0]
}
