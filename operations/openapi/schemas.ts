/** JSON Schema (2020-12, as OpenAPI 3.1 has it) for what the graph takes and answers. */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredInputField,
  Kind,
  type SelectionSetNode,
  TypeNameMetaFieldDef,
} from 'graphql'

export type JsonSchema = { [key: string]: unknown }

/** What scalars are in JSON. Those of GraphQL itself, and ours. */
const SCALARS: Readonly<Record<string, JsonSchema>> = {
  ID: { type: 'string' },
  String: { type: 'string' },
  Boolean: { type: 'boolean' },
  Int: { type: 'integer', format: 'int32' },
  Float: { type: 'number' },
  Decimal: { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$' },
  DateTime: { type: 'string', format: 'date-time' },
  Date: { type: 'string', format: 'date' },
  Cursor: { type: 'string' },
}

const described = (schema: JsonSchema, description: string | null | undefined): JsonSchema =>
  description ? { ...schema, description } : schema

const orNull = (schema: JsonSchema): JsonSchema =>
  typeof schema.type === 'string' && !schema.enum
    ? { ...schema, type: [schema.type, 'null'] }
    : { anyOf: [schema, { type: 'null' }] }

/** The named types that a document refers to, as `components.schemas` of it. */
export class Types {
  readonly #schema: GraphQLSchema
  readonly #place: string
  readonly #named = new Map<string, JsonSchema>()

  /** @param place where the document keeps its named types, as references write it */
  constructor(schema: GraphQLSchema, place = '#/components/schemas') {
    this.#schema = schema
    this.#place = place
  }

  /** All types that were referred to, by name. */
  get components(): Record<string, JsonSchema> {
    return Object.fromEntries([...this.#named].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  /** A value that is sent. */
  input(type: GraphQLInputType): JsonSchema {
    if (isNonNullType(type)) return this.#given(type.ofType)
    return orNull(this.#given(type))
  }

  /** A value that is answered, as far as the document asks for it. */
  output(type: GraphQLOutputType, sets: readonly SelectionSetNode[], document: DocumentNode): JsonSchema {
    if (isNonNullType(type)) return this.#answered(type.ofType, sets, document)
    return orNull(this.#answered(type, sets, document))
  }

  #given(type: GraphQLInputType): JsonSchema {
    if (isNonNullType(type)) return this.#given(type.ofType)
    if (isListType(type)) return { type: 'array', items: this.input(type.ofType) }
    return this.#refer(type)
  }

  #answered(type: GraphQLOutputType, sets: readonly SelectionSetNode[], document: DocumentNode): JsonSchema {
    if (isNonNullType(type)) return this.#answered(type.ofType, sets, document)
    if (isListType(type)) return { type: 'array', items: this.output(type.ofType, sets, document) }
    return isCompositeType(type) ? this.#object(type, sets, document) : this.#refer(type)
  }

  #refer(type: GraphQLNamedType): JsonSchema {
    const scalar = SCALARS[type.name]
    if (scalar) return scalar
    if (!this.#named.has(type.name)) {
      this.#named.set(type.name, {}) // An input may hold itself.
      this.#named.set(type.name, this.#define(type))
    }
    return { $ref: `${this.#place}/${type.name}` }
  }

  #define(type: GraphQLNamedType): JsonSchema {
    if (isEnumType(type)) {
      const values = type.getValues()
      const says = values.flatMap(({ name, description }) =>
        description ? [`- \`${name}\`: ${description}`] : [],
      )
      const description = [type.description, says.join('\n')].filter(Boolean).join('\n\n')
      return described({ type: 'string', enum: values.map(({ name }) => name) }, description)
    }
    if (!isInputObjectType(type)) return described({}, type.description)
    const fields = Object.values(type.getFields())
    const required = fields.filter((field) => isRequiredInputField(field)).map(({ name }) => name)
    return described(
      {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries(
          fields.map((field) => [field.name, described(this.input(field.type), field.description)]),
        ),
        ...(required.length > 0 ? { required } : {}),
        ...(type.isOneOf ? { minProperties: 1, maxProperties: 1 } : {}),
      },
      type.description,
    )
  }

  #object(type: GraphQLCompositeType, sets: readonly SelectionSetNode[], document: DocumentNode): JsonSchema {
    if (!isAbstractType(type)) return this.#fields(type, sets, document)
    // What was not done is a problem with a status of its own, and no answer.
    const possible = this.#schema.getPossibleTypes(type).filter((one) => !isRefusal(one))
    const shapes = possible.map((one) => this.#fields(one, sets, document))
    return shapes.length === 1 ? shapes[0]! : { oneOf: shapes }
  }

  #fields(type: GraphQLObjectType, sets: readonly SelectionSetNode[], document: DocumentNode): JsonSchema {
    const properties: Record<string, JsonSchema> = {}
    const found = new Map<string, FieldNode[]>()
    for (const set of sets) this.#collect(type, set, document, found)
    for (const [key, nodes] of found) {
      const name = nodes[0]!.name.value
      const inner = nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
      const field = name === '__typename' ? TypeNameMetaFieldDef : type.getFields()[name]!
      properties[key] =
        name === '__typename'
          ? { const: type.name }
          : described(this.output(field.type, inner, document), field.description)
    }
    const keys = Object.keys(properties)
    return { type: 'object', properties, ...(keys.length > 0 ? { required: keys } : {}) }
  }

  #collect(
    type: GraphQLObjectType,
    set: SelectionSetNode,
    document: DocumentNode,
    found: Map<string, FieldNode[]>,
  ): void {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value
        found.set(key, [...(found.get(key) ?? []), selection])
        continue
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT
          ? selection
          : document.definitions.find(
              (d): d is FragmentDefinitionNode =>
                d.kind === Kind.FRAGMENT_DEFINITION && d.name.value === selection.name.value,
            )
      const condition = fragment?.typeCondition && this.#schema.getType(fragment.typeCondition.name.value)
      const applies =
        !condition ||
        condition === type ||
        (isAbstractType(condition) && this.#schema.isSubType(condition, type))
      if (fragment && applies) this.#collect(type, fragment.selectionSet, document, found)
    }
  }
}

/** Whether an answer of this type says why something was not done. */
export const isRefusal = (type: GraphQLNamedType): boolean =>
  isObjectType(type) && type.getInterfaces().some(({ name }) => name === 'Refusal')
