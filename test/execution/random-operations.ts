/** Random operations that are valid by the schema: what clients could send, the odd ones among it. */
import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
  parse,
  validate,
} from 'graphql'
import { KIND, Rng } from '#connectors/demo/random.ts'

export interface RandomOperation {
  text: string
  /** For each run of it, values of its variables. */
  variables: Record<string, unknown>[]
}

const DEEPEST = 6
const LITERALS: Readonly<Record<string, string>> = {
  Int: '2',
  Float: '1.5',
  Boolean: 'true',
  Decimal: '"1"',
  DateTime: '"2026-03-01T00:00:00Z"',
  Date: '"2026-03-01"',
}

/**
 * Writes one operation. The same seed writes the same one. Null when what came out breaks a rule of GraphQL, such as two
 * fields of one name that cannot be one.
 */
export const randomOperation = (schema: GraphQLSchema, seed: number): RandomOperation | null => {
  const writer = new Writer(schema, new Rng(seed, KIND.record, seed))
  const made = writer.write()
  return validate(schema, parse(made.text)).length === 0 ? made : null
}

class Writer {
  readonly #schema: GraphQLSchema
  readonly #rng: Rng
  readonly #switches = new Set<string>()
  readonly #fragments: string[] = []
  #fields = 0

  constructor(schema: GraphQLSchema, rng: Rng) {
    this.#schema = schema
    this.#rng = rng
  }

  write(): RandomOperation {
    const rng = this.#rng
    const isMutation = rng.chance(0.1)
    const root = (isMutation ? this.#schema.getMutationType() : this.#schema.getQueryType())!
    const set = this.#selection(root, 0)
    const switches = [...this.#switches]
    const definitions = switches.map((name, at) => `$${name}: Boolean!${at % 2 ? ' = true' : ''}`)
    const head = `${isMutation ? 'mutation' : 'query'} Random${definitions.length ? `(${definitions.join(', ')})` : ''}`
    const variables = [0, 1].map(() =>
      Object.fromEntries(
        switches.flatMap((name, at) => (at % 2 && rng.chance(0.5) ? [] : [[name, rng.chance(0.5)]])),
      ),
    )
    return {
      text: [`${head} ${set}`, ...this.#fragments].join('\n'),
      variables: switches.length ? variables : [{}],
    }
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    const rng = this.#rng
    const parts: string[] = []
    if (rng.chance(depth === 0 ? 0.05 : 0.25)) parts.push(this.#typename())
    if (!isUnionType(type)) {
      const fields = Object.values(type.getFields()).filter(
        ({ type: named }) => depth < DEEPEST || !isCompositeType(getNamedType(named)),
      )
      const most = depth === 0 ? 3 : 5
      for (let n = rng.int(1, most); n > 0 && fields.length > 0; n--)
        parts.push(this.#field(rng.pick(fields), depth))
    }
    if (isAbstractType(type)) {
      for (const member of this.#schema.getPossibleTypes(type))
        if (rng.chance(0.6)) parts.push(this.#fragment(member, depth))
    } else if (rng.chance(0.2)) parts.push(this.#fragment(rng.pick([type, ...type.getInterfaces()]), depth))
    return parts.length > 0 ? `{ ${parts.join(' ')} }` : '{ __typename }'
  }

  #typename(): string {
    return this.#rng.chance(0.3) ? `kind${this.#rng.int(0, 9)}: __typename` : '__typename'
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const rng = this.#rng
    this.#fields++
    const given = field.args.filter((arg) => isRequiredArgument(arg))
    const args = given.map((arg) => `${arg.name}: ${this.#literal(arg.type, 0)}`)
    const named = getNamedType(field.type)
    const inner = isCompositeType(named)
      ? ` ${this.#selection(named, this.#fields > 40 ? DEEPEST : depth + 1)}`
      : ''
    const alias = rng.chance(0.15) ? `${rng.pick(['a', 'constructor', 'toString', 'b'])}: ` : ''
    return `${alias}${field.name}${args.length ? `(${args.join(', ')})` : ''}${this.#directive()}${inner}`
  }

  #fragment(type: GraphQLCompositeType, depth: number): string {
    const inner = this.#selection(type, depth)
    if (this.#rng.chance(0.7)) return `... on ${type.name}${this.#directive()} ${inner}`
    const name = `Part${this.#fragments.length}`
    this.#fragments.push(`fragment ${name} on ${type.name} ${inner}`)
    return `...${name}${this.#directive()}`
  }

  #directive(): string {
    const rng = this.#rng
    if (!rng.chance(0.08)) return ''
    const name = rng.pick(['skip', 'include'])
    if (rng.chance(0.3)) return ` @${name}(if: ${rng.chance(0.5)})`
    const variable = `v${rng.int(0, 2)}`
    this.#switches.add(variable)
    return ` @${name}(if: $${variable})`
  }

  #literal(type: GraphQLInputType, depth: number): string {
    if (isNonNullType(type)) return this.#literal(type.ofType, depth)
    if (isListType(type)) return `[${this.#literal(type.ofType, depth)}]`
    if (isEnumType(type)) return this.#rng.pick(type.getValues()).name
    if (!isInputObjectType(type)) return LITERALS[type.name] ?? `"${this.#rng.pick(['x', 'y', 'z'])}"`
    const fields = Object.values(type.getFields())
    // One of several that exclude each other: the first.
    const needed = type.isOneOf ? fields.slice(0, 1) : fields.filter((field) => isRequiredInputField(field))
    return `{ ${needed.map((field) => `${field.name}: ${this.#literal(getNullableType(field.type), depth + 1)}`).join(', ')} }`
  }
}
