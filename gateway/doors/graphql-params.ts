import type { FastifyRequest } from 'fastify'
import { BadInput } from '#kernel/errors.ts'
import type { Documents } from '../documents.ts'
import type { Caller } from '../identity/index.ts'

/** The parameters of GraphQL over HTTP, as they came. */
export interface Params {
  query?: unknown
  operationName?: unknown
  variables?: unknown
  extensions?: unknown
  /** A hash or name of the catalogue, in place of `query`. */
  documentId?: unknown
}

/** The same with the text to run. */
export interface Resolved extends Params {
  query: string
}

const ONCE = ['query', 'operationName', 'variables', 'extensions', 'documentId'] as const
const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a request asks; undefined when it is none of GraphQL. @throws BAD_INPUT naming what does not fit */
export const paramsOf = ({ method, url, body }: FastifyRequest): Params | undefined => {
  if (method !== 'GET') return isMap(body) ? body : undefined
  const { searchParams } = new URL(url, 'http://hub')
  for (const name of ONCE) if (searchParams.getAll(name).length > 1) throw bad(name, 'may be given once')
  const { extensions, ...params } = Object.fromEntries(searchParams)
  return { ...params, ...(extensions ? { extensions: fromJson('extensions', extensions) } : {}) }
}

/** The parameters with the text of the catalogue where they name one. @throws as `documents.resolve`, and BAD_INPUT */
export const resolved = (params: Params, documents: Documents, caller: Caller): Resolved => {
  if (params.extensions !== undefined && params.extensions !== null && !isMap(params.extensions))
    throw bad('extensions', 'must be a map')
  return { ...params, query: documents.resolve(params, caller) }
}

/** The operation that is named, if one is. */
export const nameOf = ({ operationName }: Resolved): string | undefined =>
  typeof operationName === 'string' && operationName !== '' ? operationName : undefined

/** Variables of a request that is read here and not by Apollo. @throws BAD_INPUT when they are no map */
export const variablesOf = ({ variables }: Params): Record<string, unknown> => {
  if (variables === undefined || variables === null || variables === '') return {}
  const read = typeof variables === 'string' ? fromJson('variables', variables) : variables
  if (!isMap(read)) throw bad('variables', 'must be a map')
  return read
}

const fromJson = (field: string, text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw bad(field, 'is not JSON')
  }
}

const bad = (field: string, reason: string) => BadInput.with({ field, reason })
