/** When trying again makes sense: at once, later (see `after`), or not at all. */
export type Retry = 'now' | 'later' | 'never'

interface Definition {
  /** HTTP status that answers it at the edge. */
  status: number
  retry: Retry
  /** The public sentence, with `{name}` holes. It says what to do and carries no internals. */
  says: string
}

/** An error with a stable code and a public sentence. `message` equals the public sentence; `cause` never leaves the process. */
export class HubError extends Error {
  readonly code: string
  readonly status: number
  readonly retry: Retry
  /** Earliest moment at which a retry makes sense, when the other side named one. */
  readonly after: Date | undefined
  constructor(
    code: string,
    definition: Definition,
    message: string,
    options: { cause?: unknown; after?: Date },
  ) {
    super(message, { cause: options.cause })
    this.name = 'HubError'
    this.code = code
    this.status = definition.status
    this.retry = definition.retry
    this.after = options.after
  }
}

export interface ErrorKind {
  readonly code: string
  /** Makes the error. `values` fill the holes of the sentence; `after` and `cause` travel with it but are not public. */
  with(values?: Record<string, string | number>, options?: { cause?: unknown; after?: Date }): HubError
  /** Whether an unknown thing is an error of this kind. */
  is(error: unknown): error is HubError
}

const known = new Set<string>()

/** Defines one error of the catalogue. Throws when the code is already taken: codes are never reused. */
export const define = (code: string, definition: Definition): ErrorKind => {
  if (known.has(code)) throw new Error(`error code ${code} is defined twice`)
  known.add(code)
  return {
    code,
    with: (values = {}, options = {}) =>
      new HubError(
        code,
        definition,
        definition.says.replace(/\{(\w+)\}/g, (_, k) => String(values[k] ?? '…')),
        options,
      ),
    is: (error): error is HubError => error instanceof HubError && error.code === code,
  }
}

export const isHubError = (error: unknown): error is HubError => error instanceof HubError

export const Unauthenticated = define('UNAUTHENTICATED', {
  status: 401,
  retry: 'never',
  says: 'Sign in or send a valid API key, then try again.',
})
export const Forbidden = define('FORBIDDEN', {
  status: 403,
  retry: 'never',
  says: 'Your role does not allow this. Ask an administrator of your organisation for access.',
})
export const BadInput = define('BAD_INPUT', { status: 400, retry: 'never', says: '{field}: {reason}' })
export const NotFound = define('NOT_FOUND', { status: 404, retry: 'never', says: '{what} was not found.' })
export const Internal = define('INTERNAL', {
  status: 500,
  retry: 'later',
  says: 'Something went wrong on our side. Nothing was changed; try again in a moment.',
})
export const Unavailable = define('HUB_UNAVAILABLE', {
  status: 503,
  retry: 'later',
  says: '{what} is not available at the moment. Try again in a few seconds.',
})

/** The public face of anything thrown: known errors as they are, everything else as INTERNAL. */
export const toPublic = (error: unknown): HubError =>
  isHubError(error) ? error : Internal.with({}, { cause: error })
