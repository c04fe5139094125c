/** Where every door ends: one way to run an operation, whichever way it came in. */
import {
  ApolloServer,
  type ApolloServerPlugin,
  type HTTPGraphQLRequest,
  type HTTPGraphQLResponse,
} from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import {
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLSchema,
  getVariableValues,
} from 'graphql'
import type { Log } from '#kernel/log.ts'
import { type Asked, whileAsked } from '#telemetry/asked.ts'
import { asGraphQLError, OverWebSocket, publicError } from './errors.ts'
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
  /** From where it came: subgraphs name it by that. */
  asked?: Asked | undefined
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

type GatewayOption = NonNullable<ConstructorParameters<typeof ApolloServer>[0]['gateway']>

/** The snapshot as Apollo Server takes a gateway: it brings the schema and runs what Apollo has parsed and validated. */
const asGateway = (snapshot: Snapshot, planned: PlannedRuns): GatewayOption => {
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
          const checked = getVariableValues(
            snapshot.schema as GraphQLSchema,
            operation.variableDefinitions ?? [],
            request.variables ?? {},
          )
          if (checked.errors) return { errors: checked.errors }
          const name = operationName ?? undefined
          const plan = snapshot.plan({ document, operationName: name }, `${queryHash} ${name ?? ''}`)
          const asked = { document, operationName: name, variables: request.variables ?? {} }
          const go = (around: RequestContext) => snapshot.run(plan, asked, around) as Promise<ExecutionResult>
          const around = context as RequestContext
          return operation.operation === 'mutation' && around.planning
            ? planned(go, { ...asked, query: request.query ?? '' }, around.planning, around)
            : go(around)
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
  /** Told of each operation that was run. */
  measured?: ApolloServerPlugin<RequestContext>
}): Promise<Executor> => {
  const { snapshot, limits, log } = options
  const server = new ApolloServer<RequestContext>({
    gateway: asGateway(snapshot, options.planned),
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
      ...(options.measured ? [options.measured] : []),
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
  const run: Executor['run'] = async ({ query, operationName, variables }, context) => {
    const { body } = await whileAsked(context.asked ?? {}, () =>
      server.executeOperation(
        {
          query,
          ...(operationName ? { operationName } : {}),
          ...(variables ? { variables } : {}),
        },
        { contextValue: context },
      ),
    )
    if (body.kind !== 'single') throw new Error('incremental delivery is not served')
    return body.singleResult as FormattedExecutionResult
  }
  return {
    snapshot,
    limits,
    log,
    run,
    planOf: (ask, context) => run(ask, { ...context, planning: { kind: 'plan' } }),
    confirm: (ask, token, context) => run(ask, { ...context, planning: { kind: 'confirm', token } }),
    http: (request, context) =>
      whileAsked(context.asked ?? {}, () =>
        server.executeHTTPGraphQLRequest({ httpGraphQLRequest: request, context: async () => context }),
      ),
    [Symbol.asyncDispose]: () => server.stop(),
  }
}
