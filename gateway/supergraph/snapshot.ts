import { createHash } from 'node:crypto'
import { operationFromDocument, Supergraph } from '@apollo/federation-internals'
import { buildOperationContext, executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway'
import { type QueryPlan, QueryPlanner } from '@apollo/query-planner'
import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql'
import type { RequestContext } from '../execute.ts'
import { readSizes, type Sizes } from '../limits/cost.ts'

/** Subgraphs by name. */
export type Services = Readonly<Record<string, GraphQLDataSource>>

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

/** Builds a snapshot. Throws when the supergraph is not sound. */
export const loadSnapshot = (supergraphSdl: string, services: Services): Snapshot => {
  const supergraph = Supergraph.build(supergraphSdl)
  const api = supergraph.apiSchema()
  const schema = api.toGraphQLJSSchema()
  const full = supergraph.schema.toGraphQLJSSchema()
  const planner = new QueryPlanner(supergraph)
  const plans = new Map<string, QueryPlan>()
  const missing = [...supergraph.subgraphsMetadata()].filter(({ name }) => !services[name])
  if (missing.length > 0) throw new Error(`no address for ${missing.map(({ name }) => name).join(', ')}`)
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
    run: (plan, { document, operationName, variables }, context, others = services) => {
      const operation = buildOperationContext({
        schema,
        operationDocument: document,
        ...(operationName ? { operationName } : {}),
      })
      const request = { request: { variables }, context, metrics: {}, logger: context.log }
      return executeQueryPlan(plan, { ...others }, request as never, operation, full, api) as Promise<
        ExecutionResult<Record<string, unknown>>
      >
    },
  }
}
