import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { asGraphQLError, OneRootField } from '../errors.ts'

const CONDITIONS = new Set(['skip', 'include'])

const isIncluded = (node: SelectionNode, variables: Record<string, unknown>): boolean =>
  getDirectiveValues(GraphQLSkipDirective, node, variables)?.if !== true &&
  getDirectiveValues(GraphQLIncludeDirective, node, variables)?.if !== false

const collect = (
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Record<string, unknown>,
): FieldNode[] =>
  set.selections.flatMap((node) => {
    if (!isIncluded(node, variables)) return []
    if (node.kind === Kind.FIELD)
      return [{ ...node, directives: node.directives?.filter((d) => !CONDITIONS.has(d.name.value)) }]
    const inner = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value)
    return inner ? collect(inner.selectionSet, fragments, variables) : []
  })

/**
 * The one field a subscription follows, with its conditions decided and its fragments opened: the planner knows neither
 * at the root. A field selected twice under one name becomes one with both selections.
 * @param variables coerced
 * @throws ONE_ROOT_FIELD when it is not one
 */
export const rootField = (
  set: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Record<string, unknown>,
): FieldNode => {
  const nodes = collect(set, fragments, variables)
  const [first] = nodes
  const names = new Set(nodes.map((node) => node.alias?.value ?? node.name.value))
  if (!first || names.size !== 1 || first.name.value.startsWith('__'))
    throw asGraphQLError(OneRootField.with({ count: names.size }))
  if (nodes.length === 1 || !first.selectionSet) return first
  const selections = nodes.flatMap((node) => node.selectionSet?.selections ?? [])
  return { ...first, selectionSet: { ...first.selectionSet, selections } }
}
