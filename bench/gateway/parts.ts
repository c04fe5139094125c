/**
 * The subgraphs of the hub in one process, answering from memory: by their own SDL, any field of any object always the
 * same. What was answered once is kept by its question, so that the second time costs next to nothing.
 */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  execute,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  parse,
} from 'graphql'
import { SUBGRAPHS } from '../hub.ts'
import { serveStreams, type Tell } from './streams.ts'

/** What this process says once it listens: the addresses of the parts, by name. */
export type PartsSay = Record<string, string>
/** What it is told: the number of an event that has happened, for whoever follows anything. */
export type PartsHear = number

const SCHEMAS = join(import.meta.dirname, '../../schema/generated')
const PAGE = 10
const SHORT_LIST = 3

const MUCH = 10_000_000

/** Who asks is the same for everybody who is measured, and may ask for as much as they like: it is counted all the same. */
const IDENTIFIED = JSON.stringify({
  principal: {
    kind: 'user',
    id: 'user:bench',
    orgId: '00000000-0000-4000-8000-000000000001',
    scopes: ['*'],
  },
  name: 'A benchmark',
  roles: ['admin'],
  organisation: { id: '00000000-0000-4000-8000-000000000001', slug: 'demo', name: 'Demo' },
  limits: {
    pointsPerMinute: MUCH,
    organisationPointsPerMinute: MUCH,
    subscriptions: MUCH,
    organisationSubscriptions: MUCH,
  },
})

/** Lends what is wished for. */
const lent = (body: string): string => {
  const { wishes } = JSON.parse(body) as { wishes: { holder: string; points: number }[] }
  const leases = wishes.map(({ holder, points }, n) => ({
    ...{ holder, points, id: String(n) },
    ...{ left: MUCH, limit: MUCH, moreInMs: 0 },
  }))
  return JSON.stringify({ leaseMs: 10_000, windowMs: 60_000, leases })
}

interface Thing {
  __typename: string
  /** From where everything about it follows. */
  seed: string
  /** How many its lists of nodes hold. */
  size: number
  [key: string]: unknown
}

const hashOf = (text: string): number => {
  let hash = 2166136261
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619)
  hash = Math.imul(hash ^ (hash >>> 15), 2246822507)
  return (hash ^ (hash >>> 13)) >>> 0
}

const fieldOf = (source: Thing, args: { first?: number }, _: unknown, info: GraphQLResolveInfo): unknown => {
  const known = source[info.fieldName]
  if (known !== undefined && !['seed', 'size'].includes(info.fieldName)) return known
  const place = `${source.seed}.${info.fieldName}${JSON.stringify(args)}`
  const inPage = info.fieldName === 'nodes' || info.fieldName === 'edges'
  const size = inPage ? source.size : SHORT_LIST
  return made(info.returnType, place, { size, first: args.first ?? PAGE, schema: info.schema })
}

interface Making {
  size: number
  first: number
  schema: GraphQLSchema
}

const made = (type: GraphQLOutputType, place: string, making: Making): unknown => {
  const hash = hashOf(place)
  if (isNonNullType(type)) return made(type.ofType, place, making)
  if (isListType(type))
    return Array.from({ length: making.size }, (_, at) => made(type.ofType, `${place}[${at}]`, making))
  if (isEnumType(type)) return type.getValues()[hash % type.getValues().length]!.value
  if (isScalarType(type)) return scalar(type, hash)
  return thing(type, place, making)
}

const scalar = ({ name }: GraphQLNamedType, hash: number): unknown => {
  if (name === 'Int') return hash % 100
  if (name === 'Float') return (hash % 1_000) / 8
  if (name === 'Boolean') return hash % 2 === 0
  if (name === 'DateTime') return `2026-03-${String((hash % 28) + 1).padStart(2, '0')}T08:00:00.000Z`
  if (name === 'Decimal') return `${hash % 10_000}.25`
  return `a text of ${hash}`
}

const thing = (type: GraphQLNamedType, place: string, { first, schema }: Making): Thing => {
  const possible = isObjectType(type) ? [type] : schema.getPossibleTypes(type as never)
  const { name } = possible[hashOf(`${place} type`) % possible.length]!
  return {
    __typename: name,
    seed: place,
    size: Math.min(first, PAGE),
    ...('id' in (schema.getType(name) as unknown as { getFields(): object }).getFields()
      ? { id: `${name}-${hashOf(place) % 100_000}` }
      : {}),
  }
}

type Executing = (
  ask: { query: string; variables?: Record<string, unknown> },
  seed: string,
) => Promise<string>

/** Answers operations from a seed, from which everything that is told follows. */
const executing =
  (schema: GraphQLSchema): Executing =>
  async ({ query, variables }, seed) => {
    const result = await execute({
      schema,
      document: parse(query),
      variableValues: variables,
      rootValue: { __typename: 'root', seed, size: PAGE },
      fieldResolver: (source, args, context, info) =>
        info.fieldName === '_entities'
          ? args.representations.map((one: Thing) => ({
              ...one,
              seed: `${one.__typename} ${one.id ?? JSON.stringify(one)}`,
              size: PAGE,
            }))
          : (info.parentType.getFields()[info.fieldName]!.resolve ?? fieldOf)(source, args, context, info),
      typeResolver: ({ __typename }) => __typename,
    })
    return JSON.stringify(result)
  }

const answering = (answer: Executing): ((body: string) => Promise<string>) => {
  const kept = new Map<string, string>()
  return async (body) => {
    const known = kept.get(body)
    if (known !== undefined) return known
    const text = await answer(JSON.parse(body), '')
    kept.set(body, text)
    return text
  }
}

const telling =
  (answer: Executing): Tell =>
  async (followed, event) => {
    const text = await answer(followed, `event ${event}`)
    return `${text.slice(0, -1)},"extensions":{"cursor":"${event}"}}`
  }

const read = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const otherwise: Readonly<Record<string, (body: string) => string>> = {
  '/identify': () => IDENTIFIED,
  '/leases': lent,
  // Nothing has happened before the first event.
  '/position': () => '{"position":"0"}',
}

/** By it a gateway asks what tables an answer rests on, and is told: docs/decisions/0040. */
const READ_HEADER = 'x-hub-read'
const TOLD_EVERY_MS = 100

/** Tells a gateway that keeps answers, for as long as it listens, that nothing was touched: as `GET /touched` of a subgraph does. */
const tellTouched = (response: ServerResponse, table: string): void => {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  response.write(`{"tables":["${table}"]}\n`)
  const telling = setInterval(() => response.write('{"told":true}\n'), TOLD_EVERY_MS)
  response.once('close', () => clearInterval(telling))
}

const serve = (name: string, answer: (body: string) => Promise<string>): Promise<Server> => {
  // All that is answered rests on one table, in which nobody writes.
  const table = `${name}.everything`
  const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    const { url = '', headers } = request
    if (url === '/touched') return tellTouched(response, table)
    const how = url === '/graphql' ? answer : otherwise[url]
    // What the hub's processes tell each other beside that is not played.
    if (!how) return response.writeHead(404).end()
    read(request)
      .then(how)
      .then(
        (text) => {
          response.writeHead(200, {
            'content-type': 'application/json',
            ...(READ_HEADER in headers ? { [READ_HEADER]: table } : {}),
          })
          response.end(text)
        },
        (error: Error) => {
          process.stderr.write(`${error.stack}\n`)
          response.writeHead(500).end()
        },
      )
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

if (import.meta.main) {
  const urls: PartsSay = {}
  const streams: ((event: number) => Promise<void>)[] = []
  for (const name of SUBGRAPHS) {
    const sdl = parse(readFileSync(join(SCHEMAS, `${name}.graphql`), 'utf8'))
    const answer = executing(buildSubgraphSchema(sdl))
    const server = await serve(name, answering(answer))
    streams.push(serveStreams(server, telling(answer)))
    urls[name] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  process.on('message', (event: PartsHear) => {
    for (const tell of streams) void tell(event)
  })
  // Whoever forked this ends it by going.
  process.once('disconnect', () => process.exit(0))
  process.send?.(urls)
}
