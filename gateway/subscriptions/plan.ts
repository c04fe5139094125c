import { createHash } from 'node:crypto'
import type { FetchNode, PlanNode, QueryPlan } from '@apollo/query-planner'
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  GraphQLError,
  type GraphQLField,
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
import { LRUCache } from 'lru-cache'
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

/** A text that keeps every rule, whatever its variables are. */
interface Checked {
  document: DocumentNode
  operation: OperationDefinitionNode
  /** Variables by which its fields may be skipped or included. */
  conditions: readonly string[]
  /** What is sent and run, by their values. */
  followed: LRUCache<string, Followed>
}

/** What follows from a text and from which of its fields is followed, and from nothing else. */
interface Followed {
  field: FieldNode
  rewritten: DocumentNode
  text: string
  plan: SubscriptionNode
  cursorVariable: string | undefined
  /** The argument that says where to go on. */
  place: GraphQLArgument | undefined
  definition: GraphQLField<unknown, unknown>
}

const MOST_TEXTS = 1_000
const MOST_WAYS = 16
const MOST_CHARACTERS = 4 * 1024 * 1024
// When a gateway ends, thousands come back at once with the same few texts.
const checkedTexts = new WeakMap<Snapshot, LRUCache<string, Checked>>()

/** The operation of a text that keeps every rule, or its faults. @throws GraphQLError when it cannot be read */
const check = (snapshot: Snapshot, ask: Ask, limits: Limits): Checked | readonly GraphQLError[] => {
  const known =
    checkedTexts.get(snapshot) ??
    new LRUCache({ max: MOST_TEXTS, maxSize: MOST_CHARACTERS, sizeCalculation: (_, id) => id.length })
  checkedTexts.set(snapshot, known)
  const id = JSON.stringify([ask.query, ask.operationName ?? null])
  const found = known.get(id)
  if (found) return found
  const { document, operation } = readOperation(ask, limits)
  const rules = [...subscriptionRules, ...limitRules(limits)]
  const faults = validate(snapshot.schema, document, rules, { hideSuggestions: true })
  if (faults.length > 0) return faults
  const conditions = (operation.variableDefinitions ?? []).flatMap(({ type, variable }) =>
    print(type).startsWith('Boolean') ? [variable.name.value] : [],
  )
  const checked = {
    document,
    operation,
    conditions,
    followed: new LRUCache<string, Followed>({ max: MOST_WAYS }),
  }
  known.set(id, checked)
  return checked
}

/**
 * Checks and plans a subscription of any field of any subgraph.
 * @throws GraphQLError for the first fault of many, all of them in `errors` when validation found more
 */
export const prepare = (snapshot: Snapshot, ask: Ask, limits: Limits): Prepared | readonly GraphQLError[] => {
  const checked = check(snapshot, ask, limits)
  if (!('document' in checked)) return checked
  const { document, operation } = checked
  const read = getVariableValues(snapshot.schema, operation.variableDefinitions ?? [], ask.variables ?? {})
  if (!read.coerced) return read.errors.map(asVariableFault)
  const unsound = unsoundVariable(ask.variables ?? {})
  if (unsound) return [asGraphQLError(unsound)]
  refuseTooCostly(snapshot, document, operation, read.coerced, limits)

  const { coerced } = read
  const way = JSON.stringify(checked.conditions.map((name) => coerced[name]))
  const known = checked.followed.get(way)
  const followed = known ?? follow(snapshot, checked, coerced)
  if (!known) checked.followed.set(way, followed)
  const { field, definition, place, cursorVariable, rewritten, text } = followed
  const { primary, rest } = followed.plan
  const name = operation.name?.value
  const after = place && getArgumentValues(definition, field, coerced)[AFTER]
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
    identity: `${text}\n${JSON.stringify(usedOf(rewritten, coerced))}`,
    ...(cursorVariable ? { cursorVariable } : {}),
    ...(typeof after === 'string' ? { after } : {}),
  }
}

/** Rewrites and plans what is followed. @throws GraphQLError when that is not one field, or one that does not exist */
const follow = (
  snapshot: Snapshot,
  { document, operation }: Checked,
  coerced: Record<string, unknown>,
): Followed => {
  const fragments = document.definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION)
  const named = new Map(fragments.map((f) => [f.name.value, f]))
  const field = rootField(operation.selectionSet, named, coerced)
  const definition = snapshot.schema.getSubscriptionType()?.getFields()[field.name.value]
  if (!definition) throw new GraphQLError(`There is no subscription ${field.name.value}.`)
  const place = definition.args.find((arg) => arg.name === AFTER)
  const cursorVariable = place && freeName(operation)
  const rewritten = withCursor({ operation, fragments, field, place, cursorVariable })
  const text = print(rewritten)
  const key = `subscription ${createHash('sha256').update(text).digest('hex')}`
  const { node } = snapshot.plan({ document: rewritten, operationName: operation.name?.value }, key)
  return { field, definition, place, cursorVariable, rewritten, text, plan: node as SubscriptionNode }
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
