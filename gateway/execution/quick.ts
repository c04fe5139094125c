/** The short way of known documents through GraphQL over HTTP. Whatever is not plain goes the long way, by Apollo Server. */
import { HeaderMap, type HTTPGraphQLRequest, type HTTPGraphQLResponse } from '@apollo/server'
import { type FormattedExecutionResult, GraphQLError } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { Log } from '#kernel/log.ts'
import { publicError } from '../errors.ts'
import type { Ask, RequestContext } from '../execute.ts'
import type { AnswerInText } from '../kept/answers.ts'
import type { KnownDocuments, Priced } from './known.ts'

/** Runs what was found to be known, once it is counted. Never rejects: when the caller may not have it now, the result says so. */
export type PerformKnown = (
  found: Priced,
  ask: { query: string; variables: Record<string, unknown> },
  context: RequestContext,
) => Promise<Finished>

interface Finished extends FormattedExecutionResult {
  /** What HTTP says of it. */
  status: number
  /** JSON of the result, where it is there already. */
  text?: string
}

/** A result as clients are shown it, with the status that Apollo Server gives it. Never throws. */
export const finished = async (running: Promise<AnswerInText>, log: Log): Promise<Finished> => {
  try {
    const { errors, ...result } = await running
    if (!errors) return { ...result, status: 200 }
    return {
      ...result,
      errors: errors.map((error) => publicError(error, log)),
      status: statusOf(errors) ?? (result.data === undefined ? 400 : 200),
    }
  } catch (error) {
    return { errors: [publicError(error, log)], status: statusOf([error]) ?? 500 }
  }
}

const statusOf = (errors: readonly unknown[]): number | undefined => {
  const told = errors.flatMap((error) => {
    const http = error instanceof GraphQLError ? (error.extensions.http as { status?: number }) : undefined
    return http?.status ?? []
  })
  return told.at(-1)
}

export interface QuickHttp {
  /** The answer; undefined when the request has to go the long way. */
  answer(request: HTTPGraphQLRequest, context: RequestContext): Promise<HTTPGraphQLResponse | undefined>
  /** Learns from an answer that went the long way which type of answer a client accepts. @returns the answer */
  learn(request: HTTPGraphQLRequest, response: HTTPGraphQLResponse): HTTPGraphQLResponse
}

const MOST_TYPES = 100
const LONGEST_ACCEPT = 500
const IS_JSON = /^application\/json *(;|$)/

/** Opens the short way. */
export const openQuickHttp = (options: { documents: KnownDocuments; perform: PerformKnown }): QuickHttp => {
  const { documents, perform } = options
  // What clients accept, as they say it, and what they are given.
  const types = new LRUCache<string, string>({ max: MOST_TYPES })
  return {
    answer: async (request, context) => {
      const type = types.get(request.headers.get('accept') ?? '')
      const ask = type === undefined ? undefined : plain(request)
      const found = ask && documents.find(ask.query, ask.operationName, ask.variables)
      if (!found || type === undefined) return undefined
      const { status, text, data, errors, extensions } = await perform(found, ask, context)
      const headers = new HeaderMap()
      headers.set('cache-control', 'no-store')
      headers.set('content-type', type)
      const string = `${text ?? JSON.stringify({ errors, data, extensions })}\n`
      return { status, headers, body: { kind: 'complete', string } }
    },
    learn: (request, response) => {
      const accept = request.headers.get('accept') ?? ''
      const type = response.headers.get('content-type')
      const isPlain = response.body.kind === 'complete' && (response.status ?? 200) === 200
      if (type && isPlain && accept.length < LONGEST_ACCEPT) types.set(accept, type)
      return response
    },
  }
}

/** An operation sent as JSON, every part of it of the kind that it has to be. */
const plain = ({
  method,
  headers,
  body,
}: HTTPGraphQLRequest): (Ask & { variables: Record<string, unknown> }) | undefined => {
  if (method !== 'POST' || !IS_JSON.test(headers.get('content-type') ?? '') || !isRecord(body))
    return undefined
  const { query, operationName, variables, extensions } = body
  if (typeof query !== 'string' || extensions !== undefined) return undefined
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string')
    return undefined
  if (variables !== undefined && variables !== null && !isRecord(variables)) return undefined
  return { query, operationName: operationName ?? undefined, variables: variables ?? {} }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
