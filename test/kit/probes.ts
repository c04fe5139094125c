import { readFileSync } from 'node:fs'
import { Supergraph } from '@apollo/federation-internals'
import {
  type GraphQLField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'

/** The graph as clients see it, from the committed supergraph. It is built once, which takes half a second. */
export const apiSchema = (): GraphQLSchema => {
  built ??= buildApiSchema()
  return built
}
let built: GraphQLSchema | undefined

const buildApiSchema = (): GraphQLSchema => {
  const sdl = readFileSync(new URL('../../schema/generated/supergraph.graphql', import.meta.url), 'utf8')
  return Supergraph.build(sdl).apiSchema().toGraphQLJSSchema() as unknown as GraphQLSchema
}

/** One operation that asks one root field for as much as a few levels hold. */
export interface Probe {
  kind: 'query' | 'mutation' | 'subscription'
  field: string
  document: string
}

/**
 * Values for arguments, by `field.argument`, `Input.field` or plain argument name; what is not named gets a value of its type, and
 * arguments that may be left out are given only when they are named with their field.
 */
export type Samples = Readonly<Record<string, unknown>>

const DEPTH = 3
/** What no other value of its type fits: an end behind the beginning that every moment is. */
export const ALWAYS: Samples = {
  'usage.to': '2026-11-02T00:00:00Z',
  'utilisation.to': '2026-11-02T00:00:00Z',
}
const MOMENT = '"2026-11-01T00:00:00Z"'
const DAY = '"2026-11-01"'

/** A probe for every root field of the schema, so that a field added later is probed without anybody thinking of it. */
export const probesOf = (schema: GraphQLSchema, given: Samples): Probe[] => {
  const samples = { ...ALWAYS, ...given }
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const
  return roots.flatMap(([kind, root]) =>
    Object.values(root?.getFields() ?? {})
      .filter((field) => !field.name.startsWith('__'))
      .map((field) => ({
        kind,
        field: field.name,
        document: `${kind} { ${selection(schema, field, samples, DEPTH)} }`,
      })),
  )
}

const selection = (
  schema: GraphQLSchema,
  field: GraphQLField<unknown, unknown>,
  samples: Samples,
  depth: number,
): string => {
  const args = field.args
    .filter(
      (arg) =>
        (isNonNullType(arg.type) && arg.defaultValue === undefined) || `${field.name}.${arg.name}` in samples,
    )
    .map((arg) => `${arg.name}: ${literal(arg.type, samples, [`${field.name}.${arg.name}`, arg.name])}`)
  const call = args.length > 0 ? `${field.name}(${args.join(', ')})` : field.name
  const inner = selectionOf(schema, getNamedType(field.type), samples, depth)
  return inner === null ? call : `${call} ${inner}`
}

const selectionOf = (
  schema: GraphQLSchema,
  type: GraphQLNamedType,
  samples: Samples,
  depth: number,
): string | null => {
  if (isLeafType(type)) return null
  if (isAbstractType(type)) {
    const parts = schema
      .getPossibleTypes(type)
      .map((one) => `... on ${one.name} ${fieldsOf(schema, one, samples, depth)}`)
    return `{ __typename ${parts.join(' ')} }`
  }
  return fieldsOf(schema, type as GraphQLObjectType, samples, depth)
}

const fieldsOf = (
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  samples: Samples,
  depth: number,
): string => {
  const fields = Object.values(type.getFields()).filter((field) => {
    const named = getNamedType(field.type)
    // Two union members may have a field of one name and different types: asking for leaves only of `field` is safe.
    return isLeafType(named) ? !(named.name === 'String' && field.name === 'field') : depth > 1
  })
  const inside = fields.map((field) => selection(schema, field, samples, depth - 1))
  return `{ __typename ${inside.join(' ')} }`
}

const literal = (type: GraphQLInputType, samples: Samples, names: readonly string[]): string => {
  const known = names.find((name) => name in samples)
  const value = known === undefined ? undefined : samples[known]
  if (typeof value === 'object' && value !== null) {
    const fields = (getNamedType(type) as GraphQLInputObjectType).getFields()
    return `{ ${Object.entries(value)
      .map(
        ([name, one]) =>
          `${name}: ${isEnumType(getNamedType(fields[name]!.type)) ? one : JSON.stringify(one)}`,
      )
      .join(', ')} }`
  }
  if (value !== undefined) return isEnumType(getNamedType(type)) ? String(value) : JSON.stringify(value)
  if (isNonNullType(type)) return literal(type.ofType, samples, names)
  if (isListType(type)) return `[${literal(type.ofType, samples, names)}]`
  if (isEnumType(type)) return type.getValues()[0]!.name
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter(
      (f) => isNonNullType(f.type) && f.defaultValue === undefined,
    )
    return `{ ${needed.map((f) => `${f.name}: ${literal(f.type, samples, [`${type.name}.${f.name}`, f.name])}`).join(', ')} }`
  }
  return (
    { Int: '1', Float: '1', Boolean: 'true', Decimal: '"1"', DateTime: MOMENT, Date: DAY }[
      (type as { name: string }).name
    ] ?? '"x"'
  )
}

/** The names of all entity types a subgraph resolves by reference, with their key fields. */
export const entitiesOf = (subgraph: string): { type: string; key: string }[] => {
  const sdl = readFileSync(new URL(`../../schema/generated/${subgraph}.graphql`, import.meta.url), 'utf8')
  return [...sdl.matchAll(/^type (\w+)[^{]*@key\(fields: "(\w+)"(?:, resolvable: (\w+))?\)/gm)]
    .filter(([, , , resolvable]) => resolvable !== 'false')
    .map(([, type, key]) => ({ type: type!, key: key! }))
}

export { isObjectType }
