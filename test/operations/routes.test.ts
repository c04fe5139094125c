/** G-33: every REST route answers its documented example, and what its graph twin answers. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { type GraphQLSchema, isObjectType, parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openIssuer } from '#gateway/identity/issuer.ts'
import type { RunningGateway } from '#gateway/index.ts'
import { systemClock } from '#kernel/clock.ts'
import { clientSchema } from '#operations/build.ts'
import { loadManifest, OPENAPI_FILE, type Operation, type Route } from '#operations/manifest.ts'
import { exampleOf } from '#operations/openapi/examples.ts'
import type { OpenApi } from '#operations/openapi/index.ts'
import { sampleOf } from '#operations/openapi/samples.ts'
import { goldenOf, loadShapes, type Shape } from '#operations/shape.ts'
import { openGateway, post } from '#test/kit/gateway.ts'
import { FileLog, PART_NAMES, type PartName, startPart } from '#test/kit/graph.ts'

const SDL = join(import.meta.dirname, '../../schema/generated')
const manifest = loadManifest()
const document = JSON.parse(readFileSync(OPENAPI_FILE, 'utf8')) as OpenApi

/** Every field of a part answers with the value that examples have for it. */
const answeringSamples = (name: PartName, schema: GraphQLSchema): object => {
  const part = buildSubgraphSchema([{ typeDefs: parse(readFileSync(join(SDL, `${name}.graphql`), 'utf8')) }])
  return Object.fromEntries(
    Object.values(part.getTypeMap())
      .filter((type) => isObjectType(type) && !type.name.startsWith('_') && type.name !== 'Subscription')
      .map((type) => [
        type.name,
        Object.fromEntries(
          Object.values(
            (type as { getFields(): object }).getFields() as Record<string, { name: string; type: never }>,
          )
            .filter((field) => !field.name.startsWith('_'))
            .map((field) => [field.name, () => sampleOf(schema, field.type, type.name, field.name)]),
        ),
      ]),
  )
}

const stack = new AsyncDisposableStack()
const schema = clientSchema()
let gateway: RunningGateway
let token: string
let shapes: ReadonlyMap<string, Shape>
beforeAll(async () => {
  const home = mkdtempSync(join(tmpdir(), 'routes-'))
  stack.defer(() => rmSync(home, { recursive: true, force: true }))
  const log = new FileLog(join(home, 'log'))
  const started = await Promise.all(
    PART_NAMES.map(async (name) => {
      const part = stack.use(await startPart(name, { log, as: answeringSamples(name, schema) }))
      return [name, part.url] as const
    }),
  )
  const issuer = await openIssuer({ home, clock: systemClock })
  gateway = stack.use(await openGateway(issuer, Object.fromEntries(started)))
  token = await issuer.issue({ role: 'admin', org: 'demo' })
  shapes = await loadShapes(manifest)
})
afterAll(() => stack.disposeAsync())

interface Described {
  parameters?: { name: string; in: string; example?: unknown }[]
  requestBody?: { content: { 'application/json': { example: Record<string, unknown> } } }
  responses: Record<string, { content: { 'application/json': { example: unknown } } }>
}
const describedAt = ({ method, path }: Route) =>
  document.paths[path]![method.toLowerCase()] as unknown as Described

/** Sends the request that is documented as an example. */
const sendExample = async (route: Route) => {
  const { parameters = [], requestBody } = describedAt(route)
  const examples = parameters.filter(({ example }) => example !== undefined)
  const query = new URLSearchParams()
  for (const { name, in: place, example } of examples)
    if (place === 'query') for (const one of [example].flat()) query.append(name, String(one))
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(examples.find((one) => one.name === name)?.example)),
  )
  const body = requestBody?.content['application/json'].example
  const response = await fetch(`${gateway.url}${path}${query.size > 0 ? `?${query}` : ''}`, {
    method: route.method,
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: response.status, body: (await response.json()) as unknown }
}

const sentTo = (route: Route): Record<string, unknown> => goldenOf(route.shape as string).sent

/** What the graph answers to the same, in the route's words. */
const askTwin = async (operation: Operation, route: Route): Promise<unknown> => {
  const shape = route.shape === undefined ? undefined : shapes.get(route.shape)
  const variables = shape
    ? shape.toVariables(shape.sent.parse(sentTo(route)))
    : exampleOf(operation, schema).variables
  const { body } = await post(`${gateway.url}/graphql`, { query: operation.text, variables }, token)
  expect(body.errors, operation.name).toBeUndefined()
  const [only] = operation.roots
  const answer = operation.roots.length === 1 && only ? body.data?.[only] : body.data
  return shape ? shape.toBody(answer, variables) : answer
}

const routes = manifest.operations.flatMap((operation) =>
  operation.routes.map((route) => ({ operation, route })),
)

/** A route of an earlier product as its callers were told it: what they send, and what they are answered. */
interface Told {
  route: string
  query?: string
  sent?: object
  status: number
  body: unknown
}
const LEGACY = join(import.meta.dirname, 'legacy')
const told = readdirSync(LEGACY).map((file) => JSON.parse(readFileSync(join(LEGACY, file), 'utf8')) as Told)

/** What a caller who reads it by names and kinds of values relies on: every field, and what is in it. */
const formOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(formOf)
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, formOf(inner)]))
}

/** Those that were told to anybody: the others are of earlier versions of this hub. */
const isOfEarlierProduct = ({ path }: Route): boolean =>
  /^\/(api\/v1|api\/integrations\/crm|integrations)\//.test(path) ||
  /^\/api\/integrations\/hubspot\/(connect|callback|sync|status|mappings|disconnect)$/.test(path)

const routeNames = routes.map(({ route }) => `${route.method} ${route.path}`)
const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.keys(methods)
    .filter((method) => /^(get|post|put|patch|delete)$/.test(method))
    .map((method) => `${method.toUpperCase()} ${path}`),
)

describe('every REST route', () => {
  it('answers its documented example, and what the graph answers to the same', async () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false })
    ajv.addSchema(document, 'openapi')
    const wrong: unknown[] = []
    const queue = [...routes]
    const worker = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const { operation, route } = next
        const where = `${route.method} ${route.path}`
        const [answer, twin] = [await sendExample(route), await askTwin(operation, route)]
        const described = describedAt(route).responses[route.status]!.content['application/json']
        // A shape’s example is its golden file, which its own test compares: the parts here speak in samples.
        const expected = route.shape === undefined ? described.example : twin
        if (answer.status !== route.status || !same(answer.body, expected) || !same(answer.body, twin))
          wrong.push({ where, answer, expected, twin })
        const place = `/paths/${escaped(route.path)}/${route.method.toLowerCase()}/responses/${route.status}`
        const fits = ajv.getSchema(`openapi#${place}/content/application~1json/schema`)
        if (!fits?.(answer.body)) wrong.push({ where, says: fits?.errors })
      }
    }
    await Promise.all([worker(), worker(), worker(), worker()])
    expect(wrong).toEqual([])
    expect(routes.length).toBeGreaterThan(300)
  })

  it('is documented, and what is documented beside them are streams that open to their documented example', async () => {
    expect(documented).toEqual(expect.arrayContaining(routeNames))
    const streams = documented.filter((name) => !routeNames.includes(name))
    const subscriptions = manifest.operations.filter(({ kind }) => kind === 'subscription')
    expect(streams.sort()).toEqual(
      [...subscriptions.map(({ name }) => `GET /api/v2/events/${name}`), 'GET /api/v2/export/{kind}'].sort(),
    )
    const opened: unknown[] = []
    for (const name of streams) {
      const path = name.slice('GET '.length)
      const { parameters = [] } = document.paths[path]!.get as unknown as Described
      const query = new URLSearchParams()
      for (const one of parameters)
        if (one.in === 'query' && one.example !== undefined) query.append(one.name, String(one.example))
      const over = new AbortController()
      const address = `${gateway.url}${path.replace('{kind}', 'DEAL')}${query.size > 0 ? `?${query}` : ''}`
      const headers = { authorization: `Bearer ${token}` }
      const response = await fetch(address, { headers, signal: over.signal })
      opened.push([name, response.status, response.headers.get('content-type')?.split(';')[0]])
      over.abort()
    }
    expect(opened).toEqual(
      streams.map((name) => [
        name,
        200,
        name.includes('/events/') ? 'text/event-stream' : 'application/x-ndjson',
      ]),
    )
  })

  it.each(told)('of an earlier product answers as its callers were told: $route', async (golden) => {
    const [method, path] = golden.route.split(' ') as [string, string]
    const { query = '', sent } = golden
    const response = await fetch(`${gateway.url}${path}${query}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(sent ? { 'content-type': 'application/json' } : {}) },
      ...(sent ? { body: JSON.stringify(sent) } : {}),
    })
    const body = await response.json()
    expect([response.status, formOf(body)]).toEqual([golden.status, formOf(golden.body)])
    expect(response.headers.get('deprecation')).not.toBeNull()
  })

  it('of an earlier product is shown by a golden file: its own here, or that of its shape', () => {
    const legacy = routes.filter(({ route }) => route.legacy !== undefined && isOfEarlierProduct(route))
    const shown = new Set(told.map(({ route }) => route))
    expect(
      legacy
        .filter(({ route }) => route.shape === undefined && !shown.has(`${route.method} ${route.path}`))
        .map(({ route }) => `${route.method} ${route.path}`),
    ).toEqual([])
    expect(shown.size).toBe(told.length)
  })

  it('is described by a document that is sound', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document) as never)
    expect(errors).toBeUndefined()
    expect(valid).toBe(true)
  })
})

const same = (a: unknown, b: unknown): boolean => {
  try {
    expect(a).toEqual(b)
    return true
  } catch {
    return false // Told with what both are.
  }
}
const escaped = (path: string): string => encodeURIComponent(path.replaceAll('~', '~0').replaceAll('/', '~1'))
