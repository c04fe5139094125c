import { createHash } from 'node:crypto'
import { operationFromDocument, Supergraph } from '@apollo/federation-internals'
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner'
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql'
import type { RequestContext } from '../execute.ts'
import { type Compiled, compile } from '../execution/compile.ts'
import { runStock } from '../execution/stock.ts'
import { readSizes, type Sizes } from '../limits/cost.ts'
import type { Subgraph } from './source.ts'

/** Subgraphs by name. */
export type Services = Readonly<Record<string, Subgraph>>

/** What is asked, in the words of the API schema. */
export interface Operation {
  document: DocumentNode
  operationName?: string | undefined
  /** As the client sent them, checked. */
  variables: Record<string, unknown>
}

/**
 * Everything that belongs to one version of the supergraph, never changed: queries and subscriptions that hold the same
 * snapshot can never disagree. A new supergraph is a new snapshot.
 */
export interface Snapshot {
  readonly id: string
  readonly supergraphSdl: string
  /** The schema clients see. */
  readonly schema: GraphQLSchema
  readonly sizes: Sizes
  readonly services: Services
  /** Plans an operation. `key` names it for the cache: the same text and operation name, the same key. */
  plan(operation: Pick<Operation, 'document' | 'operationName'>, key: string): QueryPlan
  /** Runs a plan. `services` may stand in for some of the snapshot's. Errors may be raw: show them by `publicError`. */
  run(
    plan: QueryPlan,
    operation: Operation,
    context: RequestContext,
    services?: Services,
  ): Promise<ExecutionResult<Record<string, unknown>>>
}

const MOST_PLANS = 1_000

const buildGraph = (supergraphSdl: string) => {
  // It was validated when it was composed; to do so again would be a quarter of the time that a gateway takes to build it.
  const supergraph = Supergraph.build(supergraphSdl, { validateSupergraph: false })
  const api = supergraph.apiSchema()
  return {
    supergraphSdl,
    supergraph,
    api,
    schema: api.toGraphQLJSSchema(),
    whole: supergraph.schema.toGraphQLJSSchema(),
    planner: new QueryPlanner(supergraph),
  }
}

/** What was built last: it takes a second, and another gateway of the same process has the same. */
let built: ReturnType<typeof buildGraph> | undefined

/** Builds a snapshot of a supergraph that was validated when it was composed. Throws when a subgraph has no address. */
export const loadSnapshot = (supergraphSdl: string, services: Services): Snapshot => {
  if (built?.supergraphSdl !== supergraphSdl) built = buildGraph(supergraphSdl)
  const { supergraph, api, schema, whole, planner } = built
  const plans = new Map<string, QueryPlan>()
  const missing = [...supergraph.subgraphsMetadata()].filter(({ name }) => !services[name])
  if (missing.length > 0) throw new Error(`no address for ${missing.map(({ name }) => name).join(', ')}`)
  // As long as the plan is kept. Null: left to the stock executor.
  const compiled = new WeakMap<QueryPlan, Compiled | null>()
  const compiledOf = (plan: QueryPlan, operation: Operation): Compiled | null => {
    const known = compiled.get(plan)
    if (known !== undefined) return known
    const made = compile(plan, operation, { api: schema, whole }) ?? null
    compiled.set(plan, made)
    return made
  }
  return {
    id: createHash('sha256').update(supergraphSdl).digest('hex'),
    supergraphSdl,
    schema,
    sizes: readSizes(supergraphSdl),
    services,
    plan: ({ document, operationName }, key) => {
      const known = plans.get(key)
      // Put back at the end: the map's order is the order of last use.
      if (known) plans.delete(key)
      const plan =
        known ??
        planner.buildQueryPlan(operationFromDocument(api, document, operationName ? { operationName } : {}))
      plans.set(key, plan)
      if (plans.size > MOST_PLANS) plans.delete(plans.keys().next().value as string)
      return plan
    },
    run: (plan, operation, context, others = services) => {
      const compiled = compiledOf(plan, operation)
      const given = { variables: operation.variables, services: others, context }
      return compiled ? compiled(given) : runStock(plan, operation, given, { schema, whole, api })
    },
  }
}
