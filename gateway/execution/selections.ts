import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** Whether variables named in `@skip` and `@include` are true. */
export type Switches = Readonly<Record<string, boolean>>

/** A field of an answer, from all places of the operation that ask for it. */
export interface Selected {
  /** Under what it is answered: its alias or its name. */
  key: string
  name: string
  /** The type in whose words it is asked for. */
  parent: GraphQLCompositeType
  /** What is asked of what it holds, from all these places; none for a value. */
  inner: SelectionSetNode[]
}

export interface Selecting {
  schema: GraphQLSchema
  fragments: Readonly<Record<string, FragmentDefinitionNode>>
  switches: Switches
}

/** What is asked of an object of this type, each field once, in the order of the operation. */
export const selectedOf = (
  sets: readonly SelectionSetNode[],
  type: GraphQLCompositeType,
  options: Selecting,
): Selected[] => {
  const found = new Map<string, Selected>()
  for (const set of sets) collect(set, type, type, options, found)
  return [...found.values()]
}

const collect = (
  set: SelectionSetNode,
  type: GraphQLCompositeType,
  parent: GraphQLCompositeType,
  options: Selecting,
  found: Map<string, Selected>,
): void => {
  for (const selection of set.selections) {
    if (!isIncluded(selection, options.switches)) continue
    if (selection.kind === Kind.FIELD) addField(selection, parent, found)
    else {
      const { condition, inner } = fragmentOf(selection, options)
      if (!condition || isOf(options.schema, type, condition))
        collect(inner, type, condition ?? parent, options, found)
    }
  }
}

const addField = (
  { name, alias, selectionSet }: FieldNode,
  parent: GraphQLCompositeType,
  found: Map<string, Selected>,
): void => {
  const key = alias?.value ?? name.value
  const known = found.get(key)
  if (!known) found.set(key, { key, name: name.value, parent, inner: selectionSet ? [selectionSet] : [] })
  else if (selectionSet) known.inner.push(selectionSet)
}

const fragmentOf = (
  selection: Exclude<SelectionNode, FieldNode>,
  { schema, fragments }: Selecting,
): { condition: GraphQLCompositeType | undefined; inner: SelectionSetNode } => {
  const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments[selection.name.value] : selection
  if (!fragment) throw new Error('a fragment that is not in the document')
  const type = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value)
  return { condition: isCompositeType(type) ? type : undefined, inner: fragment.selectionSet }
}

const isOf = (schema: GraphQLSchema, type: GraphQLCompositeType, condition: GraphQLCompositeType): boolean =>
  type === condition ||
  (isAbstractType(condition) && 'getFields' in type && schema.isSubType(condition, type))

const isIncluded = ({ directives }: SelectionNode, switches: Switches): boolean =>
  (directives ?? []).every(({ name, arguments: given }) => {
    const value = given?.[0]?.value
    const isOn =
      value?.kind === Kind.VARIABLE ? switches[value.name.value] : value?.kind === Kind.BOOLEAN && value.value
    if (name.value === 'skip') return !isOn
    return name.value !== 'include' || Boolean(isOn)
  })
