import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { define, type HubError, isHubError, toPublic } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { withoutValues } from '#kernel/mask.ts'

export const UntrustedDocument = define('UNTRUSTED_DOCUMENT', {
  status: 403,
  retry: 'never',
  says: 'This hub runs only the operations of its catalogue. Send an operation by its name or hash.',
})
export const UnknownDocument = define('UNKNOWN_DOCUMENT', {
  status: 404,
  retry: 'never',
  says: 'The catalogue has no operation of this name or hash. Look it up in the catalogue, or send the document itself.',
})
export const TooCostly = define('QUERY_TOO_COSTLY', {
  status: 400,
  retry: 'never',
  says: 'The query could touch {cost} records, more than the {most} allowed. Ask for fewer per list, or less deep.',
})
export const OneRootField = define('ONE_ROOT_FIELD', {
  status: 400,
  retry: 'never',
  says: 'A subscription follows one field: it selects {count}. Subscribe to each on its own.',
})
export const OverWebSocket = define('SUBSCRIBE_BY_WEBSOCKET', {
  status: 400,
  retry: 'never',
  says: 'Subscriptions are streams. Open one on the same path: over WebSocket (graphql-transport-ws), or with `accept: text/event-stream`.',
})
export const TooManySubscriptions = define('TOO_MANY_SUBSCRIPTIONS', {
  status: 429,
  retry: 'later',
  says: '{whose} {most} things already. End one before you start another.',
})
export const TooManyExports = define('TOO_MANY_EXPORTS', {
  status: 429,
  retry: 'later',
  says: 'You are reading {most} exports already. Let one end before you begin another.',
})
export const RateLimited = define('RATE_LIMITED', {
  status: 429,
  retry: 'later',
  says: 'You or your organisation have asked for as much as a minute allows. Wait {seconds} seconds, then go on more slowly.',
})
export const TooManySignIns = define('TOO_MANY_SIGN_INS', {
  status: 429,
  retry: 'later',
  says: 'Your network has tried to sign in too often within a minute. Wait {seconds} seconds, then try again.',
})
export const RequestTooLarge = define('REQUEST_TOO_LARGE', {
  status: 413,
  retry: 'never',
  says: 'The request is too large. Send it in several parts.',
})

export const SlowConsumer = define('SLOW_CONSUMER', {
  status: 503,
  retry: 'now',
  says: 'You did not take what you asked for. Open the stream again after the last cursor you have.',
})

export const CredentialOver = define('CREDENTIAL_EXPIRED', {
  status: 401,
  retry: 'never',
  says: 'The credential has run out, or means other rights now. Open the stream again with a new one, after the last cursor you have.',
})

export const EncodedBody = define('ENCODED_BODY', {
  status: 415,
  retry: 'never',
  says: 'This address takes bodies as they are. Send it without content-encoding.',
})

export const UnsupportedMediaType = define('UNSUPPORTED_MEDIA_TYPE', {
  status: 415,
  retry: 'never',
  says: 'This address takes JSON. Send the body with content-type: application/json.',
})
export const NotAcceptable = define('NOT_ACCEPTABLE', {
  status: 406,
  retry: 'never',
  says: 'This address answers with JSON. Send accept: application/json, or no such header.',
})
export const MethodNotAllowed = define('METHOD_NOT_ALLOWED', {
  status: 405,
  retry: 'never',
  says: 'This address is not called with {method}. It takes {allowed}.',
})
export const PartsMissing = define('PARTS_MISSING', {
  status: 502,
  retry: 'later',
  says: 'The answer lacks what {parts} would have given. Try again in a few seconds, or take what there is with partial=true.',
})

export const ForeignOrigin = define('FOREIGN_ORIGIN', {
  status: 403,
  retry: 'never',
  says: 'Pages of another origin may not call this address. Call it from the hub’s own address (PUBLIC_URL), or from a program.',
})

export const OwnPageUnproven = define('OWN_PAGE_UNPROVEN', {
  status: 403,
  retry: 'never',
  says: 'A request with a cookie must show that a page of the hub’s own sends it. Send x-hub-csrf: 1 from such a page, or come with a token or an API key.',
})
export const SignInRefused = define('SIGN_IN_REFUSED', {
  status: 403,
  retry: 'never',
  says: 'This sign-in cannot be finished: it was begun elsewhere, is over, or was not allowed. Begin again at /auth/sign-in.',
})

export const KeyReused = define('IDEMPOTENCY_KEY_REUSED', {
  status: 422,
  retry: 'never',
  says: 'This Idempotency-Key was sent before with another request. Send each change with a key of its own.',
})
export const KeyBusy = define('IDEMPOTENCY_KEY_BUSY', {
  status: 409,
  retry: 'later',
  says: 'The request that was first sent with this Idempotency-Key is still running. Send the same again in a few seconds.',
})
export const AnswerNotKept = define('ANSWER_NOT_KEPT', {
  status: 409,
  retry: 'never',
  says: 'This change was made when it was first sent with this Idempotency-Key. Its answer is not kept, since it is large, holds a secret, or a person was erased since. Look at what it changed.',
})

export const ConfirmRefused = define('CONFIRM_REFUSED', {
  status: 409,
  retry: 'never',
  says: 'This confirmation is over, or belongs to another request or another person. Plan the request again and confirm that plan.',
})
export const ConfirmSpent = define('CONFIRM_SPENT', {
  status: 409,
  retry: 'never',
  says: 'This confirmation was used already. If you never got the answer, look whether the change is there; then plan again.',
})

/** GraphQL's own type of answers, for clients that know it. */
export const GRAPHQL_ANSWER = 'application/graphql-response+json'

/** The status of a document that cannot be run. */
export const UNFIT_STATUS = 400

/** Words of graphql-js and Apollo about a request that is not right. They name nothing but what the client sent. */
const ABOUT_THE_REQUEST = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
])
/** What graphql-js and Apollo call an error they did not expect. */
const UNEXPECTED = new Set(['INTERNAL_SERVER_ERROR', 'DOWNSTREAM_SERVICE_ERROR', 'INTERNAL'])
const SHOWN = ['retryAfter', 'oldest', 'part', 'field', 'plan']

const originOf = (error: unknown): unknown => {
  let at = error
  while (at instanceof GraphQLError && at.originalError && !isHubError(at)) at = at.originalError
  return at
}

// The planner writes lists into an error's place as `@`; clients know numbers only, so the place ends before.
const placeOf = (path: GraphQLError['path']) => {
  const cut = path?.indexOf('@') ?? -1
  return cut >= 0 ? path?.slice(0, cut) : path
}

/**
 * The public face of an error of an operation. Errors of ours and of the subgraphs keep code and sentence, so do words
 * about the request itself; everything else becomes INTERNAL and is logged.
 */
export const publicError = (error: unknown, log: Log): GraphQLFormattedError => {
  const graphql = error instanceof GraphQLError ? error : undefined
  const path = placeOf(graphql?.path)
  const place = {
    ...(graphql?.locations ? { locations: graphql.locations } : {}),
    ...(path && path.length > 0 ? { path } : {}),
  }
  const origin = originOf(error)
  if (isHubError(origin)) return { ...place, ...shape(origin) }
  const code = graphql?.extensions.code as string | undefined
  if (graphql && code === undefined && !graphql.originalError)
    return {
      message: withoutValues(graphql.message),
      ...place,
      extensions: {
        code: graphql.message.startsWith('Syntax Error')
          ? 'GRAPHQL_PARSE_FAILED'
          : 'GRAPHQL_VALIDATION_FAILED',
      },
    }
  if (graphql && code && !UNEXPECTED.has(code)) {
    const shown = ABOUT_THE_REQUEST.has(code) ? [] : SHOWN
    const details = shown.flatMap((name) =>
      graphql.extensions[name] === undefined ? [] : [[name, graphql.extensions[name]] as const],
    )
    // What graphql says of a request quotes it; what subgraphs say is theirs to answer for.
    const message = ABOUT_THE_REQUEST.has(code) ? withoutValues(graphql.message) : graphql.message
    return { message, ...place, extensions: { code, ...Object.fromEntries(details) } }
  }
  if (code !== 'INTERNAL') log.error({ err: origin, path }, 'an operation failed unexpectedly')
  return { ...place, ...shape(toPublic(undefined)) }
}

const shape = (error: HubError): GraphQLFormattedError => ({
  message: error.message,
  extensions: { code: error.code, ...(error.after ? { retryAfter: error.after.toISOString() } : {}) },
})

/** A fault of variables, as GraphQL has them found. */
export const asVariableFault = ({ message }: GraphQLError): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })

/** The document holds several operations and none was named, or none of that name. */
export const unresolved = (): GraphQLError =>
  new GraphQLError('Name the operation to run by `operationName`: one that the document holds.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: UNFIT_STATUS } },
  })

/** A known error as GraphQL carries it. Over HTTP it answers with the error's own status. */
export const asGraphQLError = (error: HubError): GraphQLError =>
  new GraphQLError(error.message, {
    originalError: error,
    extensions: { code: error.code, http: { status: error.status } },
  })

/** A formatted error as an object, for results that are made by hand. */
export const revive = (formatted: GraphQLFormattedError): GraphQLError =>
  new GraphQLError(formatted.message, {
    ...(formatted.path ? { path: formatted.path } : {}),
    ...(formatted.extensions ? { extensions: formatted.extensions } : {}),
  })
