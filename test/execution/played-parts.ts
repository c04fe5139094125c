/** Subgraphs played in memory: each answers by its own SDL, any field of any object always the same, nulls and errors among it. */
import { readFileSync } from 'node:fs'
import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  execute,
  type FormattedExecutionResult,
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
import type { Subgraph } from '#gateway/supergraph/source.ts'
import { PART_NAMES } from '#test/kit/graph.ts'

/** How often, of a thousand. */
export interface Mood {
  nulls: number
  errors: number
  /** Parts that do not answer at all. */
  down: number
}

export interface Played {
  services: Record<string, Subgraph>
  /** How many requests were made, and for how many entities. */
  asked: { requests: number; entities: number }
}

const hashOf = (text: string): number => {
  let hash = 2166136261
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 16777619)
  hash = Math.imul(hash ^ (hash >>> 15), 2246822507)
  return (hash ^ (hash >>> 13)) >>> 0
}

interface Thing {
  __typename: string
  /** From where everything about it follows. */
  seed: string
  [key: string]: unknown
}

/** Reads the subgraphs once; `play` opens them with another seed and mood. */
export const openParts = (): ((seed: number, mood: Mood) => Played) => {
  const schemas = Object.fromEntries(
    PART_NAMES.map((name) => {
      const sdl = readFileSync(new URL(`../../schema/generated/${name}.graphql`, import.meta.url), 'utf8')
      return [name, buildSubgraphSchema(parse(sdl))]
    }),
  )
  return (seed, mood) => {
    const asked = { requests: 0, entities: 0 }
    const services = Object.fromEntries(
      Object.entries(schemas).map(([name, schema]) => [
        name,
        { ask: playing(name, schema, seed, mood, asked) },
      ]),
    )
    return { services, asked }
  }
}

const playing =
  (part: string, schema: GraphQLSchema, seed: number, mood: Mood, asked: Played['asked']): Subgraph['ask'] =>
  async ({ body }) => {
    asked.requests++
    const { query, variables } = JSON.parse(body)
    asked.entities += variables.representations?.length ?? 0
    if (hashOf(`${seed} ${part} ${query}`) % 1_000 < mood.down)
      return {
        data: null,
        errors: [{ message: `${part} is away`, path: [], extensions: { code: 'HUB_UNAVAILABLE', part } }],
      }
    const result = await execute({
      schema,
      document: parse(query),
      variableValues: variables,
      rootValue: { __typename: 'root', seed: `${seed}` },
      fieldResolver: (source, args, context, info) =>
        info.fieldName === '_entities'
          ? args.representations.map((one: Thing) => referred(one, seed, mood))
          : (info.parentType.getFields()[info.fieldName]!.resolve ?? fieldOf)(source, args, context, info),
      typeResolver: ({ __typename }) => __typename,
      contextValue: mood,
    })
    return JSON.parse(JSON.stringify(result)) as FormattedExecutionResult
  }

/** What an object is by its key: the same in every part of the graph. */
const referred = (one: Thing, seed: number, mood: Mood): Thing | null => {
  const key = `${seed} ${one.__typename} ${one.id ?? JSON.stringify(one)}`
  return hashOf(`${key} gone`) % 1_000 < mood.nulls ? null : { ...one, seed: key }
}

const fieldOf = (source: Thing, args: object, mood: Mood, info: GraphQLResolveInfo): unknown => {
  const known = source[info.fieldName]
  if (known !== undefined && info.fieldName !== 'seed') return known
  const place = `${source.seed}.${info.fieldName}${JSON.stringify(args)}`
  if (hashOf(`${place} fails`) % 1_000 < mood.errors) throw new Error(`${info.fieldName} failed`)
  return made(info.returnType, place, mood, info.schema)
}

const made = (type: GraphQLOutputType, place: string, mood: Mood, schema: GraphQLSchema): unknown => {
  const hash = hashOf(place)
  if (isNonNullType(type)) return made(type.ofType, place, { ...mood, nulls: mood.nulls / 20 }, schema)
  if (hash % 1_000 < mood.nulls) return null
  if (isListType(type))
    return Array.from({ length: hash % 4 }, (_, at) => made(type.ofType, `${place}[${at}]`, mood, schema))
  if (isEnumType(type)) return type.getValues()[hash % type.getValues().length]!.value
  if (isScalarType(type)) return scalar(type, hash)
  return thing(type, place, schema)
}

const scalar = ({ name }: GraphQLNamedType, hash: number): unknown => {
  if (name === 'Int') return hash % 100
  if (name === 'Float') return (hash % 1_000) / 8
  if (name === 'Boolean') return hash % 2 === 0
  return `${hash % 20}`
}

const thing = (type: GraphQLNamedType, place: string, schema: GraphQLSchema): Thing => {
  const possible = isObjectType(type) ? [type] : schema.getPossibleTypes(type as never)
  const { name } = possible[hashOf(`${place} type`) % possible.length]!
  const id = `${hashOf(place) % 5}`
  // Few ids, so that one thing is met at several places.
  const isEntity = 'id' in (schema.getType(name) as unknown as { getFields(): object }).getFields()
  const seed = isEntity ? `${place.split(' ')[0]?.split('.')[0]} ${name} ${id}` : place
  return { __typename: name, seed, ...(isEntity ? { id } : {}) }
}
