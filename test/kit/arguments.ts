/** Values for the variables of the catalogue's operations, for tests that go through all of them. */
import {
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
  TypeInfo,
  typeFromAST,
  type ValueNode,
  visit,
  visitWithTypeInfo,
} from 'graphql'
import type { Operation } from '#operations/manifest.ts'
import { ALWAYS, type Samples } from './probes.ts'

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
  const known = names.map((name) => sampleAt(samples, name)).find((sample) => sample !== undefined)
  if (isNonNullType(type)) return exampleOf(type.ofType, samples, names)
  if (isListType(type)) {
    const one = exampleOf(type.ofType, samples, names)
    return Array.isArray(one) ? one : [one]
  }
  if (known !== undefined) return known
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

/** Where each variable goes: the names `field.argument`, `Input.field` and the bare one under which a sample may stand. */
const placesOf = (node: OperationDefinitionNode, schema: GraphQLSchema): Map<string, string[]> => {
  const places = new Map<string, string[]>()
  const put = (value: ValueNode, names: string[], type: GraphQLInputType): void => {
    const named = getNamedType(type)
    if (value.kind === Kind.VARIABLE)
      places.set(value.name.value, [...(places.get(value.name.value) ?? []), ...names])
    else if (value.kind === Kind.OBJECT && isInputObjectType(named))
      for (const { name, value: inner } of value.fields) {
        const field = named.getFields()[name.value]
        const [outer] = names
        if (field)
          put(inner, [`${outer}.${name.value}`, `${named.name}.${name.value}`, name.value], field.type)
      }
  }
  const info = new TypeInfo(schema)
  visit(
    node,
    visitWithTypeInfo(info, {
      Argument: ({ name, value }) => {
        const type = info.getArgument()?.type
        if (type) put(value, [`${info.getFieldDef()?.name}.${name.value}`, name.value], type)
      },
    }),
  )
  return places
}

/** The sample of a name, or of a part of a sample: `field.argument.part`. */
const sampleAt = (samples: Samples, name: string): unknown => {
  if (samples[name] !== undefined) return samples[name]
  const at = name.lastIndexOf('.')
  const whole = at < 0 ? undefined : samples[name.slice(0, at)]
  return (whole as Record<string, unknown> | undefined)?.[name.slice(at + 1)]
}

/** What an operation is asked with: what it needs, and what there is a sample for at just that place. */
export const argumentsFor = (
  { name: of, text }: Operation,
  schema: GraphQLSchema,
  given: Samples,
): Record<string, unknown> => {
  const samples = { ...ALWAYS, ...given }
  const node = getOperationAST(parse(text)) as OperationDefinitionNode
  const places = placesOf(node, schema)
  return Object.fromEntries(
    (node.variableDefinitions ?? []).flatMap(({ variable, type, defaultValue }) => {
      const name = variable.name.value
      const names = [`${of}.${name}`, ...(places.get(name) ?? [name])]
      const isNeeded = type.kind === Kind.NON_NULL_TYPE && !defaultValue
      const isNamed = names.some((one) => one.includes('.') && sampleAt(samples, one) !== undefined)
      if (!isNeeded && !isNamed) return []
      return [[name, exampleOf(typeFromAST(schema, type as never) as GraphQLInputType, samples, names)]]
    }),
  )
}
