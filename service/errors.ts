import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { type HubError, isHubError, toPublic } from '#kernel/errors.ts'
import type { Log } from '#kernel/log.ts'
import { withoutValues } from '#kernel/mask.ts'

/** Extensions of ours that an error may show beside its code, such as the oldest position still kept. */
const detail = new WeakMap<HubError, Record<string, unknown>>()

/** Adds public details to an error's extensions. */
export const withDetail = (error: HubError, extensions: Record<string, unknown>): HubError => {
  detail.set(error, extensions)
  return error
}

const originOf = (error: unknown): unknown => {
  let at = error
  while (at instanceof GraphQLError && at.originalError) at = at.originalError
  return at
}

/**
 * What a caller sees of anything that went wrong. Errors of ours keep code and sentence; what graphql says about a bad
 * document is public too; everything else becomes INTERNAL and is logged.
 */
export const publicError = (error: unknown, log: Log): GraphQLFormattedError => {
  const origin = originOf(error)
  const place = error instanceof GraphQLError ? { locations: error.locations, path: error.path } : {}
  // Without an original error it is graphql's own complaint about the document or its variables.
  if (origin instanceof GraphQLError) {
    const code = origin.extensions.code ?? 'GRAPHQL_VALIDATION_FAILED'
    const { message } = error as GraphQLError
    if (code !== 'INTERNAL_SERVER_ERROR')
      return { message: withoutValues(message), ...place, extensions: { code } }
  }
  const shown = toPublic(origin)
  if (!isHubError(origin)) log.error({ err: origin, path: place.path }, 'a resolver failed')
  else if (shown.status >= 500) log.warn({ err: origin, path: place.path }, 'a resolver could not answer')
  return {
    message: shown.message,
    ...place,
    extensions: {
      code: shown.code,
      ...(shown.after ? { retryAfter: shown.after.toISOString() } : {}),
      ...detail.get(shown),
    },
  }
}

/** The same as an error object, for results that are made by hand. */
export const asGraphQLError = (error: unknown, log: Log): GraphQLError => {
  const { message, extensions, path } = publicError(error, log)
  return new GraphQLError(message, { extensions, path })
}
