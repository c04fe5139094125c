import type { QueryPlanSelectionNode } from '@apollo/query-planner'
import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql'
import { type Answered, merge, own } from './merge.ts'

/** What identifies an object to another subgraph, read from what is known of it; null when something of it is not known. */
export type Represent = (entity: Answered) => Answered | null

type Read = (from: Answered, into: Answered) => boolean

/**
 * Compiles what a fetch requires of an entity.
 * @param schema the whole supergraph, whose types the conditions name
 */
export const representing = (
  schema: GraphQLSchema,
  requires: readonly QueryPlanSelectionNode[],
): Represent => {
  const selected = selecting(schema, requires)
  return (entity) => {
    const found = selected(entity)
    return found && own(found, '__typename') ? found : null
  }
}

const selecting = (schema: GraphQLSchema, selections: readonly QueryPlanSelectionNode[]): Represent => {
  const reads = selections.flatMap((selection): Read[] => {
    if (selection.kind === 'Field') return [readingField(schema, selection)]
    const { typeCondition } = selection
    if (!typeCondition) return []
    const inner = selecting(schema, selection.selections)
    return [
      (from, into) => {
        if (!isOf(schema, own(from, '__typename'), typeCondition)) return true
        const found = inner(from)
        if (found) merge(into, found)
        return true
      },
    ]
  })
  return (from) => {
    const into: Answered = {}
    for (const read of reads) if (!read(from, into)) return null
    return into
  }
}

const readingField = (
  schema: GraphQLSchema,
  { alias, name, selections }: Extract<QueryPlanSelectionNode, { kind: 'Field' }>,
): Read => {
  const key = alias ?? name
  const inner = selections && selecting(schema, selections)
  const shown = (value: unknown): unknown => {
    if (value === null || !inner) return value
    return Array.isArray(value) ? value.map(shown) : inner(value as Answered)
  }
  return (from, into) => {
    const value = own(from, key)
    if (value === undefined) return false
    into[key] = shown(value)
    return true
  }
}

/** Whether an object of this type, as it says itself, is of the named type. */
const isOf = (schema: GraphQLSchema, typename: unknown, condition: string): boolean => {
  if (typename === condition) return true
  const type = typeof typename === 'string' ? schema.getType(typename) : undefined
  const wider = schema.getType(condition)
  if (!type || !wider || !isAbstractType(wider)) return false
  return (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(wider, type)
}
