/** Where every door ends: one way to run an operation, whichever way it came in. */
import { ApolloServer, type HTTPGraphQLRequest, type HTTPGraphQLResponse } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import {
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLSchema,
  getVariableValues,
} from 'graphql'
import type { Log } from '#kernel/log.ts'
import { asGraphQLError, OverWebSocket, publicError } from './errors.ts'
import { KnownDocuments } from './execution/known.ts'
import { finished, openQuickHttp, type Perform } from './execution/quick.ts'
import type { Caller } from './identity/index.ts'
import { type Limits, limitRules, refuseTooCostly } from './limits/index.ts'
import type { Parts, PlannedRuns, PlanningWish } from './planning.ts'
import type { Snapshot } from './supergraph/snapshot.ts'

/** What travels with an operation to every subgraph it asks. */
export interface RequestContext {
  caller: Caller
  /** Aborts when the deadline has passed, or when nobody waits for the answer any more. */
  signal: AbortSignal
  /** The receipt of the caller's last write: subgraphs wait for it for a moment. */
  after?: string | undefined
  /** A mutation is not simply done: it is only planned, or is what a token confirms. */
  planning?: PlanningWish | undefined
  /** Filled with the plans of the parts that a planned mutation asks. */
  parts?: Parts | undefined
  /** Filled with the parts that have not yet caught up with that write. */
  behind: Set<string>
  /** Filled with the cookies that parts set in the caller's browser. */
  cookies: string[]
  log: Log
}

export interface Ask {
  query: string
  operationName?: string | undefined
  variables?: Record<string, unknown> | undefined
}

export interface Executor extends AsyncDisposable {
  readonly snapshot: Snapshot
  readonly limits: Limits
  readonly log: Log
  /** Runs a query or mutation. Never throws: what went wrong is in the result. */
  run(ask: Ask, context: RequestContext): Promise<FormattedExecutionResult>
  /** What a mutation would do, in `extensions.plan`, with the token that `confirm` takes. Nothing is changed. */
  planOf(ask: Ask, context: RequestContext): Promise<FormattedExecutionResult>
  /** Does a mutation if it still does exactly what was planned; else the error PLAN_MOVED brings the new plan. */
  confirm(ask: Ask, token: string, context: RequestContext): Promise<FormattedExecutionResult>
  /** The same with the rules of GraphQL over HTTP: methods, content types, status codes, CSRF prevention. */
  http(request: HTTPGraphQLRequest, context: RequestContext): Promise<HTTPGraphQLResponse>
}

/** Runs what Apollo Server has just let pass, and what it let pass before. */
const performing =
  (snapshot: Snapshot, planned: PlannedRuns): Perform =>
  ({ document, operation, operationName, key }, { query, variables }, around) => {
    const plan = snapshot.plan({ document, operationName }, key)
    const asked = { document, operationName, variables }
    const go = (context: RequestContext) => snapshot.run(plan, asked, context) as Promise<ExecutionResult>
    return operation.operation === 'mutation' && around.planning
      ? planned(go, { ...asked, query }, around.planning, around)
      : go(around)
  }

type GatewayOption = NonNullable<ConstructorParameters<typeof ApolloServer>[0]['gateway']>

/** The snapshot as Apollo Server takes a gateway: it brings the schema and runs what Apollo has parsed and validated. */
const asGateway = (snapshot: Snapshot, perform: Perform, documents: KnownDocuments): GatewayOption => {
  const schema = snapshot.schema as GraphQLSchema
  const listeners = new Set<Parameters<GatewayOption['onSchemaLoadOrUpdate']>[0]>()
  return {
    onSchemaLoadOrUpdate: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    load: async () => {
      for (const listener of listeners)
        listener({ apiSchema: snapshot.schema, coreSupergraphSdl: snapshot.supergraphSdl })
      return {
        executor: async ({ document, operation, operationName, request, queryHash, context }) => {
          if (operation.operation === 'subscription')
            return { errors: [asGraphQLError(OverWebSocket.with())] }
          const variables = request.variables ?? {}
          const checked = getVariableValues(schema, operation.variableDefinitions ?? [], variables)
          if (checked.errors) return { errors: checked.errors }
          const name = operationName ?? undefined
          const known = { document, operation, operationName: name, key: `${queryHash} ${name ?? ''}` }
          const { query = '' } = request
          documents.add(query, request.operationName ?? undefined, known)
          return perform(known, { query, variables }, context as RequestContext)
        },
      }
    },
    stop: async () => undefined,
  }
}

/** Opens the executor over one snapshot. */
export const openExecutor = async (options: {
  snapshot: Snapshot
  limits: Limits
  planned: PlannedRuns
  mode: 'development' | 'production'
  log: Log
}): Promise<Executor> => {
  const { snapshot, limits, log } = options
  const perform = performing(snapshot, options.planned)
  const documents = new KnownDocuments({
    schema: snapshot.schema,
    refuse: ({ document, operation }, variables) =>
      refuseTooCostly(snapshot, document, operation, variables, limits),
  })
  const server = new ApolloServer<RequestContext>({
    gateway: asGateway(snapshot, perform, documents),
    introspection: true,
    persistedQueries: false,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    nodeEnv: options.mode,
    parseOptions: { maxTokens: limits.tokens },
    validationRules: limitRules(limits),
    validationOptions: { hideSuggestions: true } as never,
    logger: log,
    formatError: (_, error) => publicError(error, log),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      {
        requestDidStart: async () => ({
          didResolveOperation: async ({ document, operation, request }) => {
            const sent = request.variables ?? {}
            const read = getVariableValues(snapshot.schema, operation?.variableDefinitions ?? [], sent)
            // Variables that cannot be read are refused with their own words when the operation runs.
            if (operation && read.coerced)
              refuseTooCostly(snapshot, document, operation, read.coerced, limits)
          },
        }),
      },
    ],
  })
  await server.start()
  const viaApollo: Executor['run'] = async ({ query, operationName, variables }, context) => {
    const { body } = await server.executeOperation(
      {
        query,
        ...(operationName ? { operationName } : {}),
        ...(variables ? { variables } : {}),
      },
      { contextValue: context },
    )
    if (body.kind !== 'single') throw new Error('incremental delivery is not served')
    return body.singleResult as FormattedExecutionResult
  }
  const run: Executor['run'] = async (ask, context) => {
    const { query, operationName, variables = {} } = ask
    const known = documents.find(query, operationName || undefined, variables)
    if (!known) return viaApollo(ask, context)
    const { status: _, ...result } = await finished(perform(known, { query, variables }, context), log)
    return result
  }
  const quick = openQuickHttp({ documents, perform, log })
  return {
    snapshot,
    limits,
    log,
    run,
    planOf: (ask, context) => run(ask, { ...context, planning: { kind: 'plan' } }),
    confirm: (ask, token, context) => run(ask, { ...context, planning: { kind: 'confirm', token } }),
    http: async (request, context) =>
      (await quick.answer(request, context)) ??
      quick.learn(
        request,
        await server.executeHTTPGraphQLRequest({ httpGraphQLRequest: request, context: async () => context }),
      ),
    [Symbol.asyncDispose]: () => server.stop(),
  }
}
