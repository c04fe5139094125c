/** Values for the variables of the catalogue's operations, for tests that go through all of them. */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  parse,
  typeFromAST,
  type ValueNode,
} from 'graphql'
import type { Operation } from '#operations/manifest.ts'
import type { Samples } from './probes.ts'

const PLAIN: Readonly<Record<string, unknown>> = {
  Int: 1,
  Float: 1,
  Boolean: true,
  Decimal: '1',
  DateTime: '2026-11-01T00:00:00Z',
  Date: '2026-11-01',
}

/** A value of a type: of an input object what it needs. @param names under which samples are looked for, best first */
export const exampleOf = (type: GraphQLInputType, samples: Samples, names: readonly string[]): unknown => {
  const known = names.find((name) => samples[name] !== undefined)
  if (isNonNullType(type)) return exampleOf(type.ofType, samples, names)
  if (isListType(type)) {
    const one = exampleOf(type.ofType, samples, names)
    return Array.isArray(one) ? one : [one]
  }
  if (known !== undefined) return samples[known]
  if (isEnumType(type)) return type.getValues()[0]!.name
  if (!isInputObjectType(type)) return PLAIN[type.name] ?? 'x'
  const needed = Object.values(type.getFields()).filter(
    (field) => isNonNullType(field.type) && field.defaultValue === undefined,
  )
  const fields = needed.map(({ name, type: of }) => [
    name,
    exampleOf(of, samples, [`${type.name}.${name}`, name]),
  ])
  return Object.fromEntries(type.isOneOf ? [] : fields)
}

/** Where a variable goes: the names `field.argument`, `Input.field` and the bare one under which a sample may stand. */
const placesOf = (node: OperationDefinitionNode, schema: GraphQLSchema): Map<string, string[]> => {
  const places = new Map<string, string[]>()
  const put = (value: ValueNode, names: string[], type: GraphQLInputType): void => {
    if (value.kind === Kind.VARIABLE)
      places.set(value.name.value, [...(places.get(value.name.value) ?? []), ...names])
    const named = getNamedType(type)
    if (value.kind === Kind.OBJECT && isInputObjectType(named))
      for (const { name, value: inner } of value.fields) {
        const field = named.getFields()[name.value]
        if (field)
          put(
            inner,
            [...names.map((n) => `${n}.${name.value}`), `${named.name}.${name.value}`, name.value],
            field.type,
          )
      }
  }
  const root = schema.getRootType(node.operation)!
  const fieldOf = (field: FieldNode): GraphQLField<unknown, unknown> | undefined =>
    root.getFields()[field.name.value]
  for (const field of node.selectionSet.selections) {
    const definition = field.kind === Kind.FIELD ? fieldOf(field) : undefined
    if (field.kind !== Kind.FIELD || !definition) continue
    for (const { name, value } of field.arguments ?? []) {
      const type = definition.args.find((arg) => arg.name === name.value)?.type
      if (type) put(value, [`${field.name.value}.${name.value}`, name.value], type)
    }
  }
  return places
}

/** What an operation is asked with: what it needs, and what there is a sample for at just that place. */
export const argumentsFor = (
  { text }: Operation,
  schema: GraphQLSchema,
  samples: Samples,
): Record<string, unknown> => {
  const node = getOperationAST(parse(text)) as OperationDefinitionNode
  const places = placesOf(node, schema)
  return Object.fromEntries(
    (node.variableDefinitions ?? []).flatMap(({ variable, type, defaultValue }) => {
      const name = variable.name.value
      const names = places.get(name) ?? [name]
      const isNeeded = type.kind === Kind.NON_NULL_TYPE && !defaultValue
      const isNamed = names.some((one) => one.includes('.') && samples[one] !== undefined)
      if (!isNeeded && !isNamed) return []
      return [[name, exampleOf(typeFromAST(schema, type as never) as GraphQLInputType, samples, names)]]
    }),
  )
}
