import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import type { ObjectType, PropertyWrite } from '../wire.ts'
import { jsonBody, typeNamed } from './asking.ts'
import { createDefaults, createPairs, removePairs } from './association-batches.ts'
import { batchReadV4, labels, listV4, putDefault, putLabelled, removeAll } from './associations.ts'
import { batchArchive, batchCreate, batchRead, batchUpdate, batchUpsert } from './batches.ts'
import { errorReply, invalid, notFound } from './errors.ts'
import {
  account,
  addProperty,
  archiveProperty,
  changeProperty,
  owner,
  owners,
  pipelines,
  properties,
  property,
} from './metadata.ts'
import { associationsV3, get, list, mergeTwo, patch, post, remove } from './objects.ts'
import type { Portal } from './portal.ts'
import { search } from './search.ts'

/** Answers one call of the API. Throws Refused. */
export const route = (portal: Portal, request: SimRequest): SimReply => {
  const parts = request.path.split('/').filter(Boolean).map(decoded)
  const [area, version, what] = parts
  if (area === 'account-info' && version === 'v3' && what === 'details') return account(portal)
  if (area !== 'crm') return notFound()
  const rest = parts.slice(3)
  if (version === 'v3' && what === 'objects') return objects(portal, request, rest)
  if (version === 'v3' && what === 'owners')
    return rest[0] === undefined ? owners(request) : owner(request, rest[0])
  if (version === 'v3' && what === 'pipelines') return pipelines(known(rest[0]), rest.slice(1))
  if (version === 'v3' && what === 'properties') return definitions(portal, request, known(rest[0]), rest[1])
  if (version === 'v4' && what === 'objects') return objectsV4(portal, request, rest)
  if (version === 'v4' && what === 'associations') return associationsV4(portal, request, rest)
  return notFound()
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return notFound()
  }
}

const known = (name: string | undefined): ObjectType =>
  (name === undefined ? undefined : typeNamed(name)) ??
  invalid(`Unable to infer object type from: ${name ?? ''}`)

const methodNotAllowed = (): SimReply =>
  errorReply(405, { message: 'HTTP 405 Method Not Allowed', category: 'METHOD_NOT_ALLOWED' })

const BATCHES = {
  read: batchRead,
  create: batchCreate,
  update: batchUpdate,
  upsert: batchUpsert,
  archive: batchArchive,
} as const

const objects = (portal: Portal, request: SimRequest, rest: readonly string[]): SimReply => {
  const type = known(rest[0])
  const [, id, word, to] = rest
  const { method } = request
  if (id === undefined) {
    if (method === 'GET') return list(portal, type, request)
    return method === 'POST' ? post(portal, type, request) : methodNotAllowed()
  }
  if (method === 'POST') {
    if (id === 'search' && word === undefined)
      return { status: 200, body: search(portal, type, request.body) }
    if (id === 'merge' && word === undefined) return mergeTwo(portal, type, request)
    if (id === 'batch' && word !== undefined && word in BATCHES)
      return BATCHES[word as keyof typeof BATCHES](portal, type, request)
    return notFound()
  }
  if (word === 'associations' && method === 'GET') return associationsV3(portal, type, request, id, known(to))
  if (word !== undefined) return notFound()
  if (method === 'GET') return get(portal, type, request, id)
  if (method === 'PATCH') return patch(portal, type, request, id)
  return method === 'DELETE' ? remove(portal, type, id) : methodNotAllowed()
}

const objectsV4 = (portal: Portal, request: SimRequest, rest: readonly string[]): SimReply => {
  const type = known(rest[0])
  const [, id, word, ...tail] = rest
  if (id === undefined || word !== 'associations') return notFound()
  const { method } = request
  if (tail.length === 1 && method === 'GET') return listV4(portal, type, request, id, known(tail[0]))
  if (tail[0] === 'default' && tail[2] !== undefined && method === 'PUT')
    return putDefault(portal, { type, id, to: known(tail[1]), toId: tail[2] })
  const [to, toId] = tail
  if (toId === undefined) return notFound()
  const between = { type, id, to: known(to), toId }
  if (method === 'PUT') return putLabelled(portal, between, request)
  return method === 'DELETE' ? removeAll(portal, between) : methodNotAllowed()
}

const associationsV4 = (portal: Portal, request: SimRequest, rest: readonly string[]): SimReply => {
  const [from, to, word] = rest
  if (word === 'labels' && request.method === 'GET') return labels(known(from), known(to))
  if (word !== 'batch' || request.method !== 'POST') return notFound()
  const call = ASSOCIATION_BATCHES[rest.slice(3).join('/')]
  return call === undefined ? notFound() : call(portal, known(from), known(to), request)
}

const ASSOCIATION_BATCHES: Readonly<
  Record<string, (portal: Portal, from: ObjectType, to: ObjectType, request: SimRequest) => SimReply>
> = {
  read: batchReadV4,
  create: createPairs,
  'associate/default': createDefaults,
  archive: removePairs,
}

const definitions = (
  portal: Portal,
  request: SimRequest,
  type: ObjectType,
  name: string | undefined,
): SimReply => {
  const { method } = request
  if (name === undefined) {
    if (method === 'GET') return properties(portal, type, request)
    return method === 'POST' ? addProperty(portal, type, request) : methodNotAllowed()
  }
  if (method === 'GET') return property(portal, type, request, name)
  if (method === 'PATCH') return changeProperty(portal, type, name, jsonBody<Partial<PropertyWrite>>(request))
  return method === 'DELETE' ? archiveProperty(portal, type, name) : methodNotAllowed()
}
