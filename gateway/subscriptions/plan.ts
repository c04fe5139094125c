import { createHash } from 'node:crypto'
import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner'
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  GraphQLError,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  parse,
  parseType,
  print,
  type VariableDefinitionNode,
  validate,
  visit,
} from 'graphql'
import { asGraphQLError, asVariableFault, unresolved } from '../errors.ts'
import type { Ask } from '../execute.ts'
import { type Limits, limitRules, refuseTooCostly, subscriptionRules } from '../limits/index.ts'
import { unsoundVariable } from '../limits/texts.ts'
import type { Operation, Snapshot } from '../supergraph/snapshot.ts'
import { rootField } from './roots.ts'

/** A subscription that was checked and planned. */
export interface Prepared {
  snapshot: Snapshot
  operation: Operation
  /** The subgraph whose events are followed. */
  part: string
  /** The subscription sent there. */
  upstream: { query: string; operationName?: string | undefined; variables: Record<string, unknown> }
  /** What runs for each event: the event itself in the place of the first fetch, then what else was asked for. */
  perEvent: QueryPlan
  /** The variable that says where to go on; undefined for a stream that cannot be resumed. */
  cursorVariable?: string
  /** Where the client wants to go on from. */
  after?: string
  /** What is followed, whatever it is called and wherever it is taken up: the normalised text and the coerced variables. */
  identity: string
}

interface SubscriptionNode {
  kind: 'Subscription'
  primary: FetchNode
  rest?: PlanNode
}

const AFTER = 'after'

/** The name of the operation's kind, or the faults of a text that is no single valid operation. */
export const readOperation = (
  ask: Ask,
  limits: Limits,
): { document: DocumentNode; operation: OperationDefinitionNode } => {
  const document = parse(ask.query, { maxTokens: limits.tokens })
  const operation = getOperationAST(document, ask.operationName)
  if (!operation) throw unresolved()
  return { document, operation }
}

/**
 * Checks and plans a subscription of any field of any subgraph.
 * @throws GraphQLError for the first fault of many, all of them in `errors` when validation found more
 */
export const prepare = (snapshot: Snapshot, ask: Ask, limits: Limits): Prepared | readonly GraphQLError[] => {
  const { document, operation } = readOperation(ask, limits)
  const rules = [...subscriptionRules, ...limitRules(limits)]
  const faults = validate(snapshot.schema, document, rules, { hideSuggestions: true })
  if (faults.length > 0) return faults
  const read = getVariableValues(snapshot.schema, operation.variableDefinitions ?? [], ask.variables ?? {})
  if (!read.coerced) return read.errors.map(asVariableFault)
  const unsound = unsoundVariable(ask.variables ?? {})
  if (unsound) return [asGraphQLError(unsound)]
  refuseTooCostly(snapshot, document, operation, read.coerced, limits)

  const fragments = document.definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION)
  const named = new Map(fragments.map((f) => [f.name.value, f]))
  const field = rootField(operation.selectionSet, named, read.coerced)
  const definition = snapshot.schema.getSubscriptionType()?.getFields()[field.name.value]
  if (!definition) throw new GraphQLError(`There is no subscription ${field.name.value}.`)
  const place = definition.args.find((arg) => arg.name === AFTER)
  const after = place && getArgumentValues(definition, field, read.coerced)[AFTER]
  const cursorVariable = place && freeName(operation)
  const rewritten = withCursor({ operation, fragments, field, place, cursorVariable })
  const text = print(rewritten)
  const name = operation.name?.value
  const key = `subscription ${createHash('sha256').update(text).digest('hex')}`
  const plan = snapshot.plan({ document: rewritten, operationName: name }, key)
  const { primary, rest } = plan.node as SubscriptionNode
  const sent = ask.variables ?? {}
  return {
    snapshot,
    operation: { document: rewritten, operationName: name, variables: sent },
    part: primary.serviceName,
    upstream: {
      query: primary.operation,
      operationName: primary.operationName,
      variables: Object.fromEntries(
        (primary.variableUsages ?? []).flatMap((usage) => (usage in sent ? [[usage, sent[usage]]] : [])),
      ),
    },
    perEvent: {
      kind: 'QueryPlan',
      node: rest ? { kind: 'Sequence', nodes: [primary, rest] } : primary,
    },
    identity: `${text}\n${JSON.stringify(usedOf(rewritten, read.coerced))}`,
    ...(cursorVariable ? { cursorVariable } : {}),
    ...(typeof after === 'string' ? { after } : {}),
  }
}

/** The variables that the operation uses, in its own order. One that is left out is another than null. */
const usedOf = ({ definitions }: DocumentNode, values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    definitions.flatMap((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? (definition.variableDefinitions ?? []).map(({ variable: { name } }) => [
            name.value,
            values[name.value],
          ])
        : [],
    ),
  )

/** A name no variable of the client has. */
const freeName = (operation: OperationDefinitionNode): string => {
  const taken = new Set(operation.variableDefinitions?.map((v) => v.variable.name.value))
  let name = 'hubAfter'
  while (taken.has(name)) name = `${name}_`
  return name
}

/** The operation with `after` as a variable of ours, its root opened, and without variables that nothing uses any more. */
const withCursor = (from: {
  operation: OperationDefinitionNode
  fragments: readonly FragmentDefinitionNode[]
  field: FieldNode
  place: GraphQLArgument | undefined
  cursorVariable: string | undefined
}): DocumentNode => {
  const { operation, field, place, cursorVariable } = from
  const given = field.arguments?.filter((arg) => arg.name.value !== AFTER) ?? []
  const ours: ArgumentNode[] = cursorVariable
    ? [
        {
          kind: Kind.ARGUMENT,
          name: { kind: Kind.NAME, value: AFTER },
          value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: cursorVariable } },
        },
      ]
    : []
  const root: FieldNode = { ...field, arguments: [...given, ...ours] }
  const definitions: VariableDefinitionNode[] = [
    ...(operation.variableDefinitions ?? []),
    ...(cursorVariable && place
      ? [
          {
            kind: Kind.VARIABLE_DEFINITION as const,
            variable: {
              kind: Kind.VARIABLE as const,
              name: { kind: Kind.NAME as const, value: cursorVariable },
            },
            type: parseType(String(place.type)),
          },
        ]
      : []),
  ]
  const selectionSet = { kind: Kind.SELECTION_SET as const, selections: [root] }
  const reached = reachable(root, from.fragments)
  const used = new Set<string>()
  visit(
    {
      kind: Kind.DOCUMENT,
      definitions: [{ ...operation, variableDefinitions: [], selectionSet }, ...reached],
    },
    {
      Variable: (node) => {
        used.add(node.name.value)
      },
    },
  )
  const variableDefinitions = definitions.filter((d) => used.has(d.variable.name.value))
  return {
    kind: Kind.DOCUMENT,
    definitions: [{ ...operation, variableDefinitions, selectionSet }, ...reached],
  }
}

/** The fragments a selection still needs. */
const reachable = (
  root: FieldNode,
  fragments: readonly FragmentDefinitionNode[],
): FragmentDefinitionNode[] => {
  const byName = new Map(fragments.map((f) => [f.name.value, f]))
  const found = new Map<string, FragmentDefinitionNode>()
  const look = (node: FieldNode | FragmentDefinitionNode): void => {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = byName.get(name.value)
        if (!fragment || found.has(name.value)) return
        found.set(name.value, fragment)
        look(fragment)
      },
    })
  }
  look(root)
  return [...found.values()]
}
