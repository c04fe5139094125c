/** Where every door ends: one way to run an operation, whichever way it came in. */
import { ApolloServer, HeaderMap, type HTTPGraphQLRequest, type HTTPGraphQLResponse } from '@apollo/server'
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled'
import {
  type ExecutionResult,
  type FormattedExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
  getVariableValues,
} from 'graphql'
import { isHubError } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { type Asked, whileAsked } from '#telemetry/asked.ts'
import {
  asGraphQLError,
  GRAPHQL_ANSWER,
  OverWebSocket,
  publicError,
  RateLimited,
  unresolved,
} from './errors.ts'
import { type Known, KnownDocuments } from './execution/known.ts'
import { finished, openQuickHttp, type PerformKnown } from './execution/quick.ts'
import type { Caller } from './identity/index.ts'
import type { AnswerInText, KeptAnswers } from './kept/answers.ts'
import type { Keeping } from './kept/keeping.ts'
import { type Limits, limitRules, refuseTooCostly } from './limits/index.ts'
import { pointsOf, type Rates, type Standing } from './limits/rates.ts'
import { unsoundVariable } from './limits/texts.ts'
import { type BeginMeasure, unmeasured } from './measuring.ts'
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
  /** The key and the attempt under which a change is made once, as subgraphs take them. */
  once?: string | undefined
  /** Filled with the plans of the parts that a planned mutation asks. */
  parts?: Parts | undefined
  /** The caller wants to know what the operation costs: it is in `extensions.cost` then. */
  tellsCost?: boolean
  /** From where it came: subgraphs name it by that. */
  asked?: Asked | undefined
  /** The answer may be kept: filled with what it rests on. */
  keeping?: Keeping | undefined
  /** Filled with the parts that have not yet caught up with that write. */
  behind: Set<string>
  /** Filled with the cookies that parts set in the caller's browser. */
  cookies: string[]
  /** How much the caller may still ask for, once it was looked at. */
  standing?: Standing | undefined
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
  /**
   * Counts work that a door does without running an operation.
   * @throws RATE_LIMITED
   */
  admit(context: Pick<RequestContext, 'caller' | 'standing'>, points: number): Promise<void>
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
type Perform = (
  known: Known,
  ask: { query: string; variables: Record<string, unknown> },
  context: RequestContext,
) => Promise<ExecutionResult>

const performing =
  (snapshot: Snapshot, planned: PlannedRuns): Perform =>
  async ({ document, operation, operationName, key }, { query, variables }, around) => {
    const unsound = unsoundVariable(variables)
    if (unsound) return { errors: [asGraphQLError(unsound)] }
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

type Around = RequestContext & { stands(standing: Standing | undefined): void }

/** Opens the executor over one snapshot. */
export const openExecutor = async (options: {
  snapshot: Snapshot
  limits: Limits
  planned: PlannedRuns
  rates: Rates
  mode: 'development' | 'production'
  log: Log
  /** Told of each operation that is run. Default: nobody is. */
  measured?: BeginMeasure
  /** Absent: nothing is kept. */
  kept?: KeptAnswers | undefined
}): Promise<Executor> => {
  const { snapshot, limits, rates, log, measured = unmeasured, kept } = options
  const count = async ({ caller, stands }: Around, points: number): Promise<void> => {
    if (points === 0) return
    const counted: Pick<RequestContext, 'caller' | 'standing'> = { caller }
    try {
      await rates.admit(counted, points)
    } catch (error) {
      throw isHubError(error) ? asGraphQLError(error) : error
    } finally {
      stands(counted.standing)
    }
  }
  /** Apollo hands on a copy of the context: what is found out on the way has to find back. */
  const around = (context: RequestContext): Around => ({
    ...context,
    stands: (standing) => {
      context.standing = standing
    },
  })
  const perform = performing(snapshot, options.planned)
  const documents = new KnownDocuments({
    schema: snapshot.schema,
    costOf: ({ document, operation }, variables) =>
      refuseTooCostly(snapshot, document, operation, variables, limits),
  })
  const performKnown: PerformKnown = async ({ known, cost }, ask, context) => {
    const end = measured(context)
    const counted = count(around(context), pointsOf(cost) - 1)
    const run = (around: RequestContext) => perform(known, ask, around)
    const result = await finished(
      counted.then(
        (): Promise<AnswerInText> => (kept ? kept.answer(known, ask.variables, context, run) : run(context)),
      ),
      log,
    )
    end(known.operation.name?.value, result.errors?.[0])
    return result
  }
  const quick = openQuickHttp({ documents, perform: performKnown })
  const server = new ApolloServer<Around>({
    gateway: asGateway(snapshot, perform, documents),
    introspection: true,
    persistedQueries: false,
    // A browser sends none of these by itself to another site, so whoever sends one has meant to.
    csrfPrevention: {
      requestHeaders: ['authorization', 'x-api-key', 'x-apollo-operation-name', 'apollo-require-preflight'],
    },
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
        requestDidStart: async ({ contextValue }) => {
          const end = measured(contextValue)
          let cost: number | undefined
          return {
            didResolveOperation: async ({ document, operation, request }) => {
              if (!operation) throw unresolved()
              const sent = request.variables ?? {}
              const read = getVariableValues(snapshot.schema, operation.variableDefinitions ?? [], sent)
              // Variables that cannot be read are refused with their own words when the operation runs.
              if (!read.coerced) return
              cost = refuseTooCostly(snapshot, document, operation, read.coerced, limits)
              // One was counted before the operation was read.
              await count(contextValue, pointsOf(cost) - 1)
            },
            willSendResponse: async ({ operationName, response: { body } }) => {
              if (body.kind === 'single') end(operationName ?? undefined, body.singleResult.errors?.[0])
              if (!contextValue.tellsCost || cost === undefined || body.kind !== 'single') return
              const { singleResult } = body
              singleResult.extensions = {
                ...singleResult.extensions,
                cost: { records: cost, most: limits.cost },
              }
            },
          }
        },
      },
    ],
  })
  await server.start()
  /** Counts a request before anything of it is read; answers why it may not be, if it may not. */
  const refused = async (context: RequestContext): Promise<GraphQLFormattedError | undefined> => {
    try {
      await rates.admit(context, 1)
      return undefined
    } catch (error) {
      return publicError(error, log)
    }
  }
  const performAsk: Executor['run'] = async ({ query, operationName, variables }, context) => {
    const no = await refused(context)
    if (no) return { errors: [no] }
    const given = { query, variables: variables ?? {} }
    const found = context.tellsCost
      ? undefined
      : documents.find(query, operationName || undefined, given.variables)
    if (found) {
      const { status: _, text, ...result } = await performKnown(found, given, context)
      // Of one's own: who asked may change what it is given.
      return text === undefined ? result : JSON.parse(text)
    }
    const { body } = await server.executeOperation(
      {
        query,
        ...(operationName ? { operationName } : {}),
        ...(variables ? { variables } : {}),
      },
      { contextValue: around(context) },
    )
    if (body.kind !== 'single') throw new Error('incremental delivery is not served')
    return body.singleResult as FormattedExecutionResult
  }
  const run: Executor['run'] = (ask, context) =>
    whileAsked(context.asked ?? {}, () => performAsk(ask, context))
  const wishing: (wish: PlanningWish, ...of: Parameters<Executor['run']>) => ReturnType<Executor['run']> =
    async (planning, ask, context) => {
      const wished = { ...context, planning }
      const result = await run(ask, wished)
      context.standing = wished.standing
      return result
    }
  const overHttp: Executor['http'] = async (request, context) => {
    const no = await refused(context)
    if (!no)
      return (
        (context.tellsCost ? undefined : await quick.answer(request, context)) ??
        quick.learn(
          request,
          await server.executeHTTPGraphQLRequest({
            httpGraphQLRequest: request,
            context: async () => around(context),
          }),
        )
      )
    const type = request.headers.get('accept')?.includes(GRAPHQL_ANSWER) ? GRAPHQL_ANSWER : 'application/json'
    const headers = new HeaderMap([['content-type', `${type}; charset=utf-8`]])
    const string = JSON.stringify({ errors: [no] })
    return {
      status: no.extensions?.code === RateLimited.code ? 429 : 500,
      headers,
      body: { kind: 'complete', string },
    }
  }
  return {
    snapshot,
    limits,
    log,
    admit: rates.admit,
    run,
    planOf: (ask, context) => wishing({ kind: 'plan' }, ask, context),
    confirm: (ask, token, context) => wishing({ kind: 'confirm', token }, ask, context),
    http: (request, context) => whileAsked(context.asked ?? {}, () => overHttp(request, context)),
    [Symbol.asyncDispose]: () => server.stop(),
  }
}
