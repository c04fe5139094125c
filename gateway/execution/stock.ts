import type { Schema } from '@apollo/federation-internals'
import { buildOperationContext, executeQueryPlan, type GraphQLDataSource } from '@apollo/gateway'
import type { QueryPlan } from '@apollo/query-planner'
import type { ExecutionResult, GraphQLSchema } from 'graphql'
import type { RequestContext } from '../execute.ts'
import type { Operation } from '../supergraph/snapshot.ts'
import type { Subgraph } from '../supergraph/source.ts'
import type { Run } from './fetching.ts'
import type { Answered } from './merge.ts'

/** The schemas in the forms that Apollo's executor takes. */
export interface StockSchemas {
  schema: GraphQLSchema
  whole: GraphQLSchema
  api: Schema
}

/** Runs a plan by Apollo's own executor: the measure of the compiled one, and its stand-in for what that does not compile. */
export const runStock = (
  plan: QueryPlan,
  { document, operationName }: Pick<Operation, 'document' | 'operationName'>,
  { variables, services, context }: Omit<Run, 'data' | 'errors'>,
  { schema, whole, api }: StockSchemas,
): Promise<ExecutionResult<Answered>> => {
  const operation = buildOperationContext({
    schema,
    operationDocument: document,
    ...(operationName ? { operationName } : {}),
  })
  const request = { request: { variables }, context, metrics: {}, logger: context.log }
  const sources = Object.fromEntries(Object.entries(services).map(([name, part]) => [name, asSource(part)]))
  return executeQueryPlan(plan, sources, request as never, operation, whole, api) as Promise<
    ExecutionResult<Answered>
  >
}

const asSource = (part: Subgraph): GraphQLDataSource => ({
  process: async ({ request, context }) => {
    const { query = '', variables, operationName } = request
    const body = JSON.stringify({ query, variables, operationName })
    const isSafe = !/^\s*mutation\b/.test(query)
    return (await part.ask({ operation: query, body, isSafe }, context as RequestContext)) as never
  },
})
