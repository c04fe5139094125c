/**
 * Values that stand for real ones in examples. A field has the same value wherever it is asked for, so that an example can be
 * worked out from an operation alone, and a graph whose parts answer with these values answers exactly the example.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { isRefusal } from './schemas.ts'

const SCALARS: Readonly<Record<string, unknown>> = {
  String: 'text',
  Boolean: true,
  Int: 3,
  Float: 0.5,
  Decimal: '12.5',
  DateTime: '2026-11-02T09:30:00.000Z',
  Date: '2026-11-02',
  Cursor: 'WyJleGFtcGxlIl0',
}

/** Texts of fields that people would wonder about if they were just text. */
const TEXTS: Readonly<Record<string, string>> = {
  name: 'Harbor Dental',
  domain: 'harbordental.example',
  email: 'ann@harbordental.example',
  emails: 'ann@harbordental.example',
  firstName: 'Ann',
  lastName: 'Miller',
  phone: '+13035550100',
  number: '+13035550100',
  e164: '+13035550100',
  currency: 'USD',
  timeZone: 'Europe/Berlin',
  month: '2026-11',
  fromMonth: '2026-12',
  code: 'EXAMPLE',
  partNumber: 'STM32F429ZIT6',
  scopes: 'customers:read',
  hash: '0'.repeat(64),
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/** The value of a leaf. @param owner the type or input that has the field, or the operation that has the variable */
const leaf = (type: ReturnType<typeof getNamedType>, owner: string, field: string): unknown => {
  if (isEnumType(type)) return type.getValues()[0]?.name
  const name = (type as { name: string }).name
  if (name === 'ID') return field === 'id' ? `${lowerFirst(owner)}-1` : `${field}-1`
  return name === 'String' ? (TEXTS[field] ?? SCALARS.String) : SCALARS[name]
}

/** The type that stands for an interface or union: the first, by name, that is no refusal. */
export const standsFor = (schema: GraphQLSchema, type: GraphQLCompositeType): GraphQLObjectType => {
  if (!isAbstractType(type)) return type
  const possible = schema.getPossibleTypes(type).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return (possible.find((one) => !isRefusal(one)) ?? possible[0])!
}

/** What a part answers for a field: a leaf's value, or an object whose fields answer for themselves. Lists hold one. */
export const sampleOf = (
  schema: GraphQLSchema,
  type: GraphQLOutputType,
  owner: string,
  field: string,
): unknown => {
  if (isNonNullType(type)) return sampleOf(schema, type.ofType, owner, field)
  if (isListType(type)) return [sampleOf(schema, type.ofType, owner, field)]
  return isLeafType(type) ? leaf(type, owner, field) : { __typename: standsFor(schema, type).name }
}

/** What an operation answers, by its roots. */
export const sampleAnswer = (
  schema: GraphQLSchema,
  document: DocumentNode,
  root: GraphQLObjectType,
  set: SelectionSetNode,
): Record<string, unknown> => {
  const selected = (type: GraphQLObjectType, sets: readonly SelectionSetNode[]): Record<string, unknown> => {
    const found = new Map<string, FieldNode[]>()
    for (const one of sets) collect(type, one, found)
    return Object.fromEntries(
      [...found].map(([key, nodes]) => {
        const name = nodes[0]!.name.value
        if (name === '__typename') return [key, type.name]
        const inner = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
        return [key, value(type.getFields()[name]!.type, type.name, name, inner)]
      }),
    )
  }
  const value = (
    type: GraphQLOutputType,
    owner: string,
    field: string,
    sets: readonly SelectionSetNode[],
  ): unknown => {
    if (isNonNullType(type)) return value(type.ofType, owner, field, sets)
    if (isListType(type)) return [value(type.ofType, owner, field, sets)]
    return isCompositeType(type) ? selected(standsFor(schema, type), sets) : leaf(type, owner, field)
  }
  const collect = (type: GraphQLObjectType, set: SelectionSetNode, found: Map<string, FieldNode[]>): void => {
    for (const one of set.selections) {
      if (one.kind === Kind.FIELD) {
        const key = (one.alias ?? one.name).value
        found.set(key, [...(found.get(key) ?? []), one])
        continue
      }
      const fragment =
        one.kind === Kind.INLINE_FRAGMENT
          ? one
          : document.definitions.find(
              (d): d is FragmentDefinitionNode =>
                d.kind === Kind.FRAGMENT_DEFINITION && d.name.value === one.name.value,
            )
      const condition = fragment?.typeCondition && schema.getType(fragment.typeCondition.name.value)
      const applies =
        !condition || condition === type || (isAbstractType(condition) && schema.isSubType(condition, type))
      if (fragment && applies) collect(type, fragment.selectionSet, found)
    }
  }
  return selected(root, [set])
}

/** What is sent for a variable or a field of an input: as much as is needed, or one field where none is. */
export const sampleInput = (type: GraphQLInputType, owner: string, field: string): unknown => {
  if (isNonNullType(type)) return sampleInput(type.ofType, owner, field)
  if (isListType(type)) return [sampleInput(type.ofType, owner, field)]
  if (!isInputObjectType(type)) return leaf(type, owner, field)
  const fields = Object.values(type.getFields())
  const needed = fields.filter((one) => isRequiredInputField(one))
  // An input that holds itself ends at its own kind.
  const shown =
    needed.length > 0 ? needed : fields.filter((one) => isLeafType(getNamedType(one.type))).slice(0, 1)
  return Object.fromEntries(shown.map((one) => [one.name, sampleInput(one.type, type.name, one.name)]))
}
