/** The REST door as a document of OpenAPI 3.1: every route of the catalogue, with what it takes and answers. */
import {
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType,
  Kind,
  type OperationDefinitionNode,
  parse,
  parseType,
  typeFromAST,
} from 'graphql'
import { z } from 'zod'
import { LEGACY_UNTIL } from '../legacy.ts'
import type { Manifest, Operation, Route } from '../manifest.ts'
import { goldenOf, type Shape } from '../shape.ts'
import { exampleOf } from './examples.ts'
import { isRefusal, type JsonSchema, Types } from './schemas.ts'
import { streamsOf } from './streams.ts'

/** Of the interface: it counts up when something is added, and begins anew with the next `/api/v…`. */
const VERSION = '2.0.0'

/** A document of OpenAPI 3.1. */
export interface OpenApi {
  openapi: '3.1.0'
  info: JsonSchema
  servers: JsonSchema[]
  security: JsonSchema[]
  tags: JsonSchema[]
  paths: Record<string, Record<string, JsonSchema>>
  components: {
    schemas: Record<string, JsonSchema>
    parameters: JsonSchema
    securitySchemes: JsonSchema
    responses: JsonSchema
  }
}

const PROBLEM: JsonSchema = {
  type: 'object',
  description: 'What went wrong and what to do (RFC 9457).',
  properties: {
    type: { type: 'string', description: 'The kind of problem: an address where it is described.' },
    title: { type: 'string', description: 'The kind of problem, in words.' },
    status: { type: 'integer', description: 'The HTTP status.' },
    detail: { type: 'string', description: 'What is wrong and what to do, for people.' },
    code: { type: 'string', description: 'A stable code for programs.' },
  },
  required: ['type', 'title', 'status', 'detail', 'code'],
}

const RESPONSES: Readonly<Record<string, string>> = {
  400: 'The request cannot be read: the problem names what does not fit.',
  401: 'Nobody knows who asks. Send a token.',
  403: 'The caller may not do this.',
  406: 'The caller takes no JSON.',
  404: 'It is not there, or not the caller’s to see.',
  409: 'It has changed since it was read, or a confirmation does not fit.',
  410: 'What came after the cursor is not kept any more: read all records anew.',
  413: 'The body is too large.',
  415: 'The body is no JSON.',
  422: 'The request was understood and not done: the problem says why.',
  429: 'Too much was asked for. Try again after `Retry-After` seconds.',
  502: 'A part of the answer is missing: the problem names the places, the parts and why.',
  503: 'A part of the hub does not answer. Try again after `Retry-After` seconds.',
}

const referTo = (status: string): JsonSchema => ({ $ref: `#/components/responses/${status}` })

/**
 * Describes the routes of a catalogue.
 * @param options.schema the schema clients see
 * @param options.shapes those that routes name
 * @param options.areas which part of the hub a root field belongs to, by the field's name
 */
export const openApiOf = (
  manifest: Manifest,
  options: {
    schema: GraphQLSchema
    shapes: ReadonlyMap<string, Shape>
    areas: ReadonlyMap<string, string>
  },
): OpenApi => {
  const types = new Types(options.schema)
  const paths: OpenApi['paths'] = {}
  for (const operation of manifest.operations)
    for (const [at, route] of operation.routes.entries()) {
      const area = options.areas.get(rootOf(operation)) ?? 'hub'
      const described = describeRoute({ operation, route, at, area, types, ...options })
      paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: described }
    }
  Object.assign(paths, streamsOf(manifest, { types, ...options }))
  const used = new Set(
    Object.values(paths).flatMap((path) => Object.values(path).flatMap(({ tags }) => tags as string[])),
  )
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tributary',
      version: VERSION,
      description:
        'Every route runs one operation of the catalogue, so it answers what the graph answers. Exports and events are streams of the same.',
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { key: [] }],
    tags: [...used].sort().map((name) => ({ name })),
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      schemas: { Problem: PROBLEM, ...types.components },
      parameters: PARAMETERS,
      responses: Object.fromEntries(
        Object.entries(RESPONSES).map(([status, description]) => [
          status,
          {
            description,
            content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
          },
        ]),
      ),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      },
    },
  }
}

const PARAMETERS: Readonly<Record<string, JsonSchema>> = {
  partial: {
    name: 'partial',
    in: 'query',
    description:
      'Whether an answer will do that lacks what a part does not give; `missing` then says what it lacks.',
    schema: { type: 'boolean', default: false },
  },
  ifNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    description:
      'The `ETag` of the answer that the caller has: while it is still the same, the answer is 304.',
    schema: { type: 'string' },
  },
  idempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    description: 'With the same key, the same request is done once and answered the same, for a day.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
}

const referToParameter = (name: keyof typeof PARAMETERS): JsonSchema => ({
  $ref: `#/components/parameters/${name}`,
})

/** What every route of a kind takes beside its own. */
const commonParameters = ({ operation, route }: Described): JsonSchema[] => {
  if (operation.kind === 'mutation') return [referToParameter('idempotencyKey')]
  const partial = route.shape === undefined ? [referToParameter('partial')] : []
  return route.method === 'GET' ? [...partial, referToParameter('ifNoneMatch')] : partial
}

/** As text, with a line for each route and each schema, so that a change shows as a line and not as a page. */
export const printed = (document: OpenApi): string => `${byLine(document, 3)}\n`

const byLine = (value: unknown, depth: number): string => {
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value))
    return JSON.stringify(value)
  const lines = Object.entries(value).map(
    ([name, one]) => `${JSON.stringify(name)}:${byLine(one, depth - 1)}`,
  )
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n}`
}

interface Described {
  operation: Operation
  route: Route
  /** Which of the operation's routes. */
  at: number
  area: string
  types: Types
  schema: GraphQLSchema
  shapes: ReadonlyMap<string, Shape>
}

const describeRoute = (given: Described): JsonSchema => {
  const { operation, route, at, area } = given
  const shape = route.shape === undefined ? undefined : given.shapes.get(route.shape)
  const sent = shape ? shapedRequest(shape, route, goldenOf(route.shape as string).sent) : request(given)
  return {
    operationId: at === 0 ? operation.name : `${operation.name}${at + 1}`,
    summary: operation.tool?.title ?? operation.description,
    description: operation.description,
    tags: [area],
    ...(route.legacy ? { deprecated: true, 'x-successor': route.legacy, 'x-sunset': LEGACY_UNTIL } : {}),
    ...sent,
    parameters: [...((sent.parameters as JsonSchema[] | undefined) ?? []), ...commonParameters(given)],
    responses: responses(given, shape),
  }
}

const isInPath = ({ path }: Route, name: string): boolean => path.includes(`{${name}}`)

const request = ({ operation, route, types, schema }: Described): JsonSchema => {
  const definitions = definitionsOf(operation)
  const schemaOf = (name: string): JsonSchema => {
    const node = definitions.get(name)!
    const { type } = operation.variables.find((variable) => variable.name === name)!
    const made = types.input(typeFromAST(schema, parseType(type) as never) as GraphQLInputType)
    const fallback = node.defaultValue
    if (!fallback || !('value' in fallback)) return made
    const value = fallback.kind === Kind.INT ? Number(fallback.value) : fallback.value
    return { ...made, default: value }
  }
  const parameters = operation.variables.flatMap(({ name, required }) => {
    const place = isInPath(route, name) ? 'path' : route.query.includes(name) ? 'query' : undefined
    if (!place) return []
    const example = exampleOf(operation, schema).variables[name]
    const shown = place === 'path' || required ? { example } : {}
    return [{ name, in: place, required: place === 'path' || required, schema: schemaOf(name), ...shown }]
  })
  const inBody =
    route.method === 'GET' ? [] : operation.variables.filter(({ name }) => !isInPath(route, name))
  const required = inBody.filter((variable) => variable.required).map(({ name }) => name)
  const body = {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(inBody.map(({ name }) => [name, schemaOf(name)])),
    ...(required.length > 0 ? { required } : {}),
  }
  const { variables } = exampleOf(operation, schema)
  const example = Object.fromEntries(
    inBody.flatMap(({ name }) => (name in variables ? [[name, variables[name]]] : [])),
  )
  return {
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(inBody.length > 0
      ? {
          requestBody: {
            required: required.length > 0,
            content: { 'application/json': { schema: body, example } },
          },
        }
      : {}),
  }
}

const shapedRequest = (shape: Shape, route: Route, golden: Record<string, unknown>): JsonSchema => {
  const {
    properties = {},
    required = [],
    ...rest
  } = toJsonSchema(shape.sent, 'input') as {
    properties?: Record<string, JsonSchema>
    required?: string[]
  }
  const names = Object.keys(properties)
  const isParameter = (name: string) => isInPath(route, name) || route.method === 'GET'
  const parameters = names.filter(isParameter).map((name) => ({
    name,
    in: isInPath(route, name) ? 'path' : 'query',
    required: isInPath(route, name) || required.includes(name),
    schema: properties[name],
    ...(name in golden ? { example: golden[name] } : {}),
  }))
  const inBody = names.filter((name) => !isParameter(name))
  const example = Object.fromEntries(inBody.flatMap((name) => (name in golden ? [[name, golden[name]]] : [])))
  const needed = required.filter((name) => inBody.includes(name))
  const body = {
    ...rest,
    properties: Object.fromEntries(inBody.map((name) => [name, properties[name]])),
    ...(needed.length > 0 ? { required: needed } : {}),
  }
  return {
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(inBody.length > 0
      ? {
          requestBody: {
            required: needed.length > 0,
            content: { 'application/json': { schema: body, example } },
          },
        }
      : {}),
  }
}

const toJsonSchema = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return made
}

const responses = (given: Described, shape: Shape | undefined): JsonSchema => {
  const { operation, route } = given
  const good = {
    description: 'Done.',
    content: {
      'application/json': shape
        ? { schema: toJsonSchema(shape.body, 'output'), example: goldenOf(route.shape as string).body }
        : { schema: answer(given), example: exampleOf(operation, given.schema).body },
    },
  }
  const refusals = refusalsOf(given)
  const statuses = [
    '400',
    '401',
    '403',
    ...(operation.kind === 'query' || refusals.includes('Missing') ? ['404'] : []),
    '406',
    ...(operation.kind === 'mutation' ? ['409', '422'] : ['502']),
    ...(route.method === 'GET' ? [] : ['413', '415']),
    ...['429', '503'],
  ]
  return {
    [route.status]: good,
    ...(route.done === undefined
      ? {}
      : {
          202: { description: 'It is not there yet. Ask again at `Location`, after `Retry-After` seconds.' },
        }),
    ...Object.fromEntries(statuses.map((status) => [status, referTo(status)])),
  }
}

/** What the route answers: the one field the operation asks for, or all of them by name. */
const answer = ({ operation, types, schema }: Described): JsonSchema => {
  const document = parse(operation.text)
  const node = getOperationAST(document) as OperationDefinitionNode
  const root = schema.getRootType(node.operation)!
  const fields = types.fields(root, node.selectionSet, document)
  const [only] = operation.roots
  if (operation.roots.length !== 1 || !only)
    return { type: 'object', properties: fields, required: Object.keys(fields) }
  return withoutNull(fields[only]!)
}

// Null is answered as 404.
const withoutNull = (schema: JsonSchema): JsonSchema => {
  if (Array.isArray(schema.anyOf))
    return {
      ...(schema.anyOf[0] as JsonSchema),
      ...(schema.description ? { description: schema.description } : {}),
    }
  return Array.isArray(schema.type) ? { ...schema, type: schema.type[0] } : schema
}

const refusalsOf = ({ operation, schema }: Described): string[] => {
  const root = schema.getRootType(operation.kind as never)!
  return [root.getFields()[rootOf(operation)]!.type].flatMap((type) => {
    const named = getNamedType(type)
    return isAbstractType(named)
      ? schema
          .getPossibleTypes(named)
          .filter(isRefusal)
          .map(({ name }) => name)
      : []
  })
}

const definitionsOf = (operation: Operation) =>
  new Map(
    (getOperationAST(parse(operation.text))?.variableDefinitions ?? []).map((node) => [
      node.variable.name.value,
      node,
    ]),
  )

/** The field of the schema that an operation asks first. */
const rootOf = ({ text }: Operation): string => {
  const [first] = getOperationAST(parse(text))?.selectionSet.selections ?? []
  return first?.kind === Kind.FIELD ? first.name.value : ''
}
