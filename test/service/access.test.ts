import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  type GraphQLArgument,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { SUBGRAPHS } from '#db/databases.ts'
import { accessTableOf } from '#service/access.ts'
import { until } from '#test/kit/until.ts'
import { type Answer, ask, MemoryLog, seal, serve, subscribe, user } from './graph.ts'

const SDL = join(import.meta.dirname, '../../schema/generated')
const rootTypes = ['Query', 'Mutation', 'Subscription']

/** A value of a type, so that every field of a real SDL can be asked for without anything behind it. */
const some = (type: GraphQLOutputType): unknown => {
  if (isNonNullType(type)) return some(type.ofType)
  if (isListType(type)) return [some(type.ofType)]
  const named = getNamedType(type)
  if (isEnumType(named)) return named.getValues()[0]?.name
  const leaves: Record<string, unknown> = { Date: '2026-03-01', DateTime: new Date(0) }
  return isLeafType(named) ? (leaves[named.name] ?? 1) : null
}

/** A literal of an argument that must be given. */
const literal = (type: GraphQLArgument['type']): string => {
  if (isNonNullType(type)) return literal(type.ofType)
  if (isListType(type)) return '[]'
  const named = getNamedType(type)
  if (isEnumType(named)) return named.getValues()[0]?.name as string
  if (isInputObjectType(named)) {
    const needed = Object.values(named.getFields()).filter((field) => isNonNullType(field.type))
    return `{${needed.map((field) => `${field.name}: ${literal(field.type)}`).join(', ')}}`
  }
  const leaves: Record<string, string> = { Int: '1', Float: '1', Boolean: 'true', Date: '"2026-03-01"' }
  return leaves[named.name] ?? (named.name === 'DateTime' ? '"2026-03-01T00:00:00Z"' : '"1"')
}

const selectionOf = (type: GraphQLObjectType, name: string): string => {
  const field = type.getFields()[name]!
  const needed = field.args.filter((arg) => isNonNullType(arg.type) && arg.defaultValue === undefined)
  const args = needed.map((arg) => `${arg.name}: ${literal(arg.type)}`).join(', ')
  return `${name}${args ? `(${args})` : ''}${isLeafType(getNamedType(field.type)) ? '' : ' { __typename }'}`
}

/** Resolvers that count how often each field and each reference was reached. */
const countingResolvers = (schema: GraphQLSchema, reached: string[]) => {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType)
  const own = types.filter(({ name }) => !name.startsWith('_'))
  return Object.fromEntries(
    own.map((type) => {
      const fields = Object.values(type.getFields()).filter(({ name }) => !name.startsWith('_'))
      const counting = fields.map((field) => [
        field.name,
        () => {
          reached.push(`${type.name}.${field.name}`)
          return some(field.type)
        },
      ])
      const reference = (given: object) => {
        reached.push(`${type.name}.__resolveReference`)
        return given
      }
      return [
        type.name,
        {
          ...Object.fromEntries(counting),
          ...(rootTypes.includes(type.name) ? {} : { __resolveReference: reference }),
        },
      ]
    }),
  )
}

const errorsAt = ({ errors = [] }: Answer, name: string) =>
  errors.filter(({ path }) => path?.at(-1) === name).map(({ extensions }) => extensions.code)

describe.each(SUBGRAPHS)('every protected field of %s', (name) => {
  const typeDefs = readFileSync(join(SDL, `${name}.graphql`), 'utf8')
  const schema = buildSubgraphSchema(parse(typeDefs))
  const access = accessTableOf(name)
  const guarded = Object.entries(access).filter(([type]) => isObjectType(schema.getType(type)))
  const isEntity = (type: string) =>
    schema.getType(type)?.astNode?.directives?.some((d) => d.name.value === 'key')

  it('is refused to who lacks its scope, before its resolver runs, and answered to who holds it', async () => {
    const reached: string[] = []
    await using subgraph = await serve({
      typeDefs,
      resolvers: countingResolvers(schema, reached),
      access,
      name,
    })
    const fields = guarded.flatMap(([type, scopes]) =>
      Object.entries(scopes).map(([field, s]) => ({ type, field, s })),
    )
    let seen = 0
    for (const { type, field, s } of fields) {
      const isRoot = rootTypes.includes(type)
      if (type === 'Subscription' || (!isRoot && !isEntity(type))) continue
      const selection = selectionOf(schema.getType(type) as GraphQLObjectType, field)
      const query = isRoot
        ? `${type === 'Mutation' ? 'mutation ' : ''}{ ${selection} }`
        : `{ _entities(representations: [{ __typename: "${type}", id: "1", ban: "1" }]) { ... on ${type} { ${selection} } } }`
      const every = [
        'customers:read',
        'customers:write',
        'inventory:read',
        'telephony:read',
        'insights:read',
        'sync:read',
        'admin',
        'pii:read',
      ]
      const others = every.filter((scope) => !s.includes(scope))
      reached.length = 0
      const refused = await ask(subgraph.url, user(...others), query)
      expect(JSON.stringify(refused.errors), `${type}.${field}`).toContain('FORBIDDEN')
      expect(reached).not.toContain(`${type}.${field}`)
      reached.length = 0
      const held = await ask(subgraph.url, user(...s), query)
      expect(JSON.stringify(held.errors ?? []), `${type}.${field}`).not.toContain('FORBIDDEN')
      expect(reached).toContain(`${type}.${field}`)
      seen++
    }
    if (fields.length > 0) expect(seen).toBeGreaterThan(0)
  })
})

const typeDefs = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  scalar Cursor
  type Query { things: [Thing!]! }
  type Thing @key(fields: "id") { id: ID! name: String secret: String }
  type Hidden @key(fields: "id") { id: ID! name: String }
  type Subscription { changed: Thing! }
`
const access = {
  Thing: { secret: ['secrets:read'] },
  Hidden: { id: ['secrets:read'], name: ['secrets:read'] },
  Subscription: { changed: ['things:read'] },
}
const things = [{ id: '1', name: 'one', secret: 'a' }]

it('keeps the rest of an answer when one of its fields is refused', async () => {
  await using subgraph = await serve({ typeDefs, access, resolvers: { Query: { things: () => things } } })
  const answer = await ask(subgraph.url, user(), '{ things { name secret } }')
  expect(answer.data).toEqual({ things: [{ name: 'one', secret: null }] })
  expect(errorsAt(answer, 'secret')).toEqual(['FORBIDDEN'])
})

it('loads no entity of a wholly protected type for a stranger, and still answers the others of the request', async () => {
  const loaded: string[] = []
  const reference = (kind: string) => (given: { id: string }) => {
    loaded.push(kind)
    return { ...given, name: `${kind} ${given.id}` }
  }
  const resolvers = {
    Query: { things: () => things },
    Thing: { __resolveReference: reference('thing') },
    Hidden: { __resolveReference: reference('hidden') },
  }
  await using subgraph = await serve({ typeDefs, access, resolvers })
  const query = `query ($of: [_Any!]!) {
    _entities(representations: $of) { ... on Thing { name } ... on Hidden { name } }
  }`
  const of = ['Hidden', 'Thing'].map((__typename) => ({ __typename, id: '1' }))
  const answer = await ask(subgraph.url, user(), query, { of })
  expect(answer.data).toEqual({ _entities: [null, { name: 'thing 1' }] })
  expect(loaded).toEqual(['thing'])
  const allowed = await ask(subgraph.url, user('secrets:read'), query, { of })
  expect(allowed.data).toEqual({ _entities: [{ name: 'hidden 1' }, { name: 'thing 1' }] })
})

it('refuses a subscription before the log is followed', async () => {
  const log = new MemoryLog()
  const resolvers = {
    Subscription: { changed: { subscribe: () => log.follow({}) } },
  }
  await using subgraph = await serve({ typeDefs, access, resolvers, eventLog: log })
  await using stranger = subscribe(
    subgraph.url,
    await seal.sign(user('other')),
    'subscription { changed { id } }',
  )
  const errors = await until(() => stranger.results[0]?.errors)
  expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  expect(log.followers).toBe(0)
})
