import {
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  valueFromAST,
  valueFromASTUntyped,
} from 'graphql'

/** What the SDL says about the size of a field's answer. */
interface Size {
  weight?: number
  slicing?: string[]
  sized?: string[]
  assumed?: number
}

/** `Type.field` → what `@cost` and `@listSize` say of it. */
export type Sizes = ReadonlyMap<string, Size>

// A list nobody bounded: such as the accounts of a customer, or the types of a run.
const UNBOUNDED_LIST = 5

const argument = (field: FieldDefinitionNode, directive: string, name: string): unknown => {
  const found = field.directives?.find((d) => d.name.value === directive)
  const value = found?.arguments?.find((a) => a.name.value === name)?.value
  return value && valueFromASTUntyped(value)
}

/** Reads the sizes from a supergraph. */
export const readSizes = (supergraphSdl: string): Sizes => {
  const sizes = new Map<string, Size>()
  for (const type of parse(supergraphSdl).definitions) {
    if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue
    for (const field of type.fields ?? []) {
      const size: Size = {
        weight: argument(field, 'cost', 'weight') as number | undefined,
        slicing: argument(field, 'listSize', 'slicingArguments') as string[] | undefined,
        sized: argument(field, 'listSize', 'sizedFields') as string[] | undefined,
        assumed: argument(field, 'listSize', 'assumedSize') as number | undefined,
      }
      if (Object.values(size).some((value) => value !== undefined))
        sizes.set(`${type.name.value}.${field.name.value}`, size)
    }
  }
  return sizes
}

interface Walk {
  schema: GraphQLSchema
  sizes: Sizes
  variables: Record<string, unknown>
  fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** Stop counting once this is passed. */
  most: number
  /** Selections looked at so far. */
  looked: { count: number }
}

/** Fragments that spread each other again and again open into more selections than could ever be counted. */
const MOST_SELECTIONS = 10_000

/**
 * How many records an operation could touch at most: each object counts one (or its `@cost`), times the sizes of the
 * lists around it, with `first` as sent by variable, literal or default.
 * @param variables coerced, so that defaults are in
 */
export const costOf = (
  document: DocumentNode,
  operation: OperationDefinitionNode,
  options: Omit<Walk, 'fragments' | 'looked'>,
): number => {
  const fragments = new Map(
    document.definitions.flatMap((d) =>
      d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d] as const] : [],
    ),
  )
  const root = options.schema.getRootType(operation.operation)
  if (!root) return 0
  const walk = { ...options, fragments, looked: { count: 0 } }
  const cost = selections(operation.selectionSet, root, walk, undefined, 0)
  return walk.looked.count > MOST_SELECTIONS ? Math.max(cost, options.most + 1) : cost
}

const selections = (
  set: SelectionSetNode,
  parent: GraphQLObjectType | { name: string },
  walk: Walk,
  /** The size of the connection this is inside of, and which of its fields hold that many. */
  inside: { size: number; sized: readonly string[] } | undefined,
  spent: number,
): number => {
  let cost = 0
  for (const selection of set.selections) {
    if (spent + cost > walk.most || ++walk.looked.count > MOST_SELECTIONS) return cost
    if (selection.kind === Kind.FIELD) cost += fieldCost(selection, parent, walk, inside, spent + cost)
    else {
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : walk.fragments.get(selection.name.value)
      const on = fragment?.typeCondition && walk.schema.getType(fragment.typeCondition.name.value)
      if (fragment) cost += selections(fragment.selectionSet, on ?? parent, walk, inside, spent + cost)
    }
  }
  return cost
}

const fieldCost = (
  node: FieldNode,
  parent: { name: string },
  walk: Walk,
  inside: { size: number; sized: readonly string[] } | undefined,
  spent: number,
): number => {
  const type = walk.schema.getType(parent.name)
  const name = node.name.value
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined
  if (!field) return 0
  const size = walk.sizes.get(`${parent.name}.${name}`)
  const named = getNamedType(field.type)
  if (!isCompositeType(named) || !node.selectionSet) return size?.weight ?? 0
  const slice = size?.slicing && sliceOf(node, field, size, walk)
  const isList = isListType(getNullableType(field.type))
  const times = inside?.sized.includes(name) ? inside.size : isList ? (size?.assumed ?? UNBOUNDED_LIST) : 1
  const next = slice !== undefined && size?.sized ? { size: slice, sized: size.sized } : undefined
  return times * ((size?.weight ?? 1) + selections(node.selectionSet, named, walk, next, spent))
}

const sliceOf = (node: FieldNode, field: GraphQLField<unknown, unknown>, size: Size, walk: Walk): number => {
  const asked = (size.slicing ?? []).map((name) => {
    const definition = field.args.find((arg) => arg.name === name)
    const value = node.arguments?.find((arg) => arg.name.value === name)?.value
    const read = value && definition ? valueFromAST(value, definition.type, walk.variables) : undefined
    return read ?? definition?.defaultValue
  })
  const sizes = asked.filter((value): value is number => typeof value === 'number')
  // A negative or absurd `first` is refused by the resolver; here it must not make anything cheap.
  return sizes.length > 0 ? Math.max(1, ...sizes.map(Math.abs)) : (size.assumed ?? UNBOUNDED_LIST)
}
