/** What the REST door answers as streams: exports, and subscriptions as server-sent events. */
import { type GraphQLInputType, type GraphQLSchema, parse, parseType, typeFromAST } from 'graphql'
import type { Manifest, Operation } from '../manifest.ts'
import type { JsonSchema, Types } from './schemas.ts'

interface Given {
  schema: GraphQLSchema
  types: Types
  /** The part that answers a root field, by its name. */
  areas: ReadonlyMap<string, string>
}

type Paths = Record<string, Record<string, JsonSchema>>

/** The routes of a catalogue that answer streams. */
export const streamsOf = (manifest: Manifest, given: Given): Paths => ({
  ...exportsOf(manifest),
  ...Object.fromEntries(
    manifest.operations
      .filter(({ kind }) => kind === 'subscription')
      .map((operation) => [`/api/v2/events/${operation.name}`, { get: eventsOf(operation, given) }]),
  ),
})

const refer = (statuses: readonly string[]): JsonSchema =>
  Object.fromEntries(statuses.map((status) => [status, { $ref: `#/components/responses/${status}` }]))

const line = (description: string, properties: JsonSchema): JsonSchema => ({
  ...{ type: 'object', description, properties, required: Object.keys(properties) },
})
const TEXT = { type: 'string' }
const COUNT = { type: 'integer' }

const LINE: JsonSchema = {
  oneOf: [
    line('A record that is there, as the route that lists its kind shows it.', {
      ...{ type: TEXT, id: TEXT, operation: { const: 'CHANGED' }, record: { type: 'object' } },
    }),
    line('A record that is gone.', {
      ...{ type: TEXT, id: TEXT, operation: { const: 'DELETED' }, version: TEXT },
      at: { type: 'string', format: 'date-time' },
    }),
    line('From where the export can be taken up again: sent back as `after`.', { resume: TEXT }),
    line('The last line: the cursor from which `/api/v2/changes` goes on.', {
      cursor: { type: ['string', 'null'] },
      ...{ records: COUNT, deleted: COUNT },
    }),
    line('The last line of an export that broke off.', {
      ...{ error: { $ref: '#/components/schemas/Problem' }, resume: TEXT },
    }),
  ],
}

const exportsOf = ({ operations }: Manifest): Paths => {
  const kinds = [...new Set(operations.flatMap((operation) => operation.export?.kind ?? []))].sort()
  if (kinds.length === 0) return {}
  const says = 'Read all records of a kind, and from where changes go on.'
  const get = {
    operationId: 'Export',
    summary: 'Export all records of a kind',
    description: `${says} One line of JSON for each record. Packed when \`Accept-Encoding\` allows gzip.`,
    tags: ['hub'],
    parameters: [
      {
        ...{ name: 'kind', in: 'path', required: true, example: kinds[0] },
        schema: { type: 'string', enum: kinds },
      },
      {
        ...{ name: 'after', in: 'query', required: false, schema: TEXT },
        description: 'The `resume` of an export that was broken off.',
      },
      { $ref: '#/components/parameters/partial' },
    ],
    responses: {
      200: { description: 'Lines of JSON.', content: { 'application/x-ndjson': { schema: LINE } } },
      ...refer(['400', '401', '403', '404', '410', '429', '502', '503']),
    },
  }
  return { '/api/v2/export/{kind}': { get } }
}

const eventsOf = (operation: Operation, { schema, types, areas }: Given): JsonSchema => {
  const [definition] = parse(operation.text).definitions
  const root = definition && 'selectionSet' in definition ? definition.selectionSet?.selections[0] : undefined
  const field = root && 'name' in root ? root.name?.value : undefined
  return {
    operationId: operation.name,
    summary: operation.description,
    description: `${operation.description} The answer goes on as server-sent events: \`data\` is the value, \`id\` its cursor. It ends with an event \`error\` that carries \`code\` and \`message\`.`,
    tags: [areas.get(field ?? '') ?? 'hub'],
    parameters: [
      ...operation.variables.map(({ name, type, required }) => ({
        ...{ name, in: 'query', required },
        schema: types.input(typeFromAST(schema, parseType(type) as never) as GraphQLInputType),
      })),
      {
        ...{ name: 'Last-Event-ID', in: 'header', required: false, schema: TEXT },
        description: 'The `id` of the last event that the client has: it goes on behind that one.',
      },
    ],
    responses: {
      200: { description: 'Events, as they come.', content: { 'text/event-stream': { schema: TEXT } } },
      ...refer(['400', '401', '403', '404', '429', '503']),
    },
  }
}
