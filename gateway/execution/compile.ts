import type { PlanNode, QueryPlan } from '@apollo/query-planner'
import {
  type DocumentNode,
  type ExecutionResult,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql'
import { fetching, type Run, type Step } from './fetching.ts'
import type { Answered } from './merge.ts'
import type { Place } from './places.ts'
import { type Projected, projecting } from './projection.ts'
import type { Switches } from './selections.ts'

/** An operation made ready: its plan as functions, its requests as text, its result as a form to fill. */
export type Compiled = (run: Omit<Run, 'data' | 'errors'>) => Promise<ExecutionResult<Answered>>

interface Schemas {
  /** What clients see. */
  api: GraphQLSchema
  /** What subgraphs see of each other as well. */
  whole: GraphQLSchema
}

const MOST_FORMS = 64

/**
 * Compiles a planned operation.
 * @returns undefined when it asks for something that is left to the stock executor: the schema itself, `@defer`, or answers
 *   that are to be rewritten (interfaces of entities)
 */
export const compile = (
  plan: QueryPlan,
  { document, operationName }: { document: DocumentNode; operationName?: string | undefined },
  { api, whole }: Schemas,
): Compiled | undefined => {
  const operation = getOperationAST(document, operationName)
  const root = operation && api.getRootType(operation.operation)
  if (!root || plan.node?.kind === 'Subscription' || asksForSchema(document)) return undefined
  const step = plan.node ? stepping(plan.node, [], whole, defaultsOf(operation)) : async () => undefined
  if (!step) return undefined
  const fragments = Object.fromEntries(
    document.definitions.flatMap((d) => (d.kind === Kind.FRAGMENT_DEFINITION ? [[d.name.value, d]] : [])),
  ) as Record<string, FragmentDefinitionNode>
  const names = switchesOf(document)
  const defaults = defaultsOf(operation)
  const forms = new Map<string, ReturnType<typeof projecting>>()
  const formFor = (variables: Run['variables']) => {
    const switches: Record<string, boolean> = {}
    let key = ''
    for (const name of names) {
      switches[name] = isOn(name, variables, defaults)
      key += switches[name] ? 1 : 0
    }
    const known = forms.get(key)
    if (known) return known
    const made = projecting(root, operation.selectionSet, { schema: api, fragments, switches })
    if (forms.size < MOST_FORMS) forms.set(key, made)
    return made
  }
  return async (given) => {
    const run: Run = { ...given, data: {}, errors: [] }
    await step(run)
    try {
      return resultOf(run, formFor(run.variables)(run.data))
    } catch (error) {
      return { errors: [new GraphQLError((error as Error).message, { originalError: error as Error })] }
    }
  }
}

const resultOf = ({ errors }: Run, { data, flaws }: Projected): ExecutionResult<Answered> => {
  if (errors.length > 0) return { errors, data }
  return flaws.length > 0 ? { data, extensions: { valueCompletion: flaws } } : { data }
}

const stepping = (
  node: PlanNode,
  place: Place,
  whole: GraphQLSchema,
  defaults: Switches,
): Step | undefined => {
  switch (node.kind) {
    case 'Fetch':
      return node.inputRewrites || node.outputRewrites || node.contextRewrites
        ? undefined
        : fetching(node, place, whole)
    case 'Flatten':
      return stepping(node.node, [...place, ...node.path], whole, defaults)
    case 'Sequence': {
      const steps = steppingAll(node.nodes, place, whole, defaults)
      return (
        steps &&
        (async (run) => {
          for (const step of steps) await step(run)
        })
      )
    }
    case 'Parallel': {
      const steps = steppingAll(node.nodes, place, whole, defaults)
      return (
        steps &&
        (async (run) => {
          await Promise.all(steps.map((step) => step(run)))
        })
      )
    }
    case 'Condition': {
      const [yes, no] = [node.ifClause, node.elseClause].map((clause) =>
        clause ? stepping(clause, place, whole, defaults) : async () => undefined,
      )
      return yes && no && ((run) => (isOn(node.condition, run.variables, defaults) ? yes : no)(run))
    }
    default:
      return undefined
  }
}

const steppingAll = (
  nodes: readonly PlanNode[],
  ...rest: [place: Place, whole: GraphQLSchema, defaults: Switches]
): Step[] | undefined => {
  const steps = nodes.map((node) => stepping(node, ...rest))
  return steps.every((step) => step !== undefined) ? (steps as Step[]) : undefined
}

const isOn = (name: string, variables: Run['variables'], defaults: Switches): boolean => {
  const given = Object.hasOwn(variables, name) ? variables[name] : undefined
  return given === undefined ? Boolean(defaults[name]) : given === true
}

const defaultsOf = ({ variableDefinitions }: OperationDefinitionNode): Switches =>
  Object.fromEntries(
    (variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
      defaultValue?.kind === Kind.BOOLEAN ? [[variable.name.value, defaultValue.value]] : [],
    ),
  )

const switchesOf = (document: DocumentNode): string[] => {
  const names = new Set<string>()
  visit(document, {
    Directive: ({ name, arguments: given }) => {
      const value = given?.[0]?.value
      if ((name.value === 'skip' || name.value === 'include') && value?.kind === Kind.VARIABLE)
        names.add(value.name.value)
    },
  })
  return [...names]
}

const asksForSchema = (document: DocumentNode): boolean => {
  let does = false
  visit(document, {
    Field: ({ name }) => {
      does ||= name.value === '__schema' || name.value === '__type'
    },
  })
  return does
}
