import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import { account, dailyUsage, owner, owners } from './account.ts'
import { known } from './asking.ts'
import { createDefaults, createPairs, removeLabels, removePairs } from './association-batches.ts'
import { allConfigurations, configurations, labels } from './association-labels.ts'
import { associationsV3, associationV3 } from './association-v3.ts'
import { batchReadV4, listV4, putDefault, putLabelled, removeAll } from './associations.ts'
import { batchArchive, batchCreate, batchRead, batchUpdate, batchUpsert } from './batches.ts'
import { errorReply, notFound } from './errors.ts'
import { associationsOf, gdprDelete, get, list, mergeTwo, patch, post, remove } from './objects.ts'
import { pipelines } from './pipeline-routes.ts'
import type { Portal } from './portal.ts'
import { properties } from './property-routes.ts'
import { schemas } from './schema-routes.ts'
import { search } from './search.ts'
import { segments } from './segment-routes.ts'
import { timelineEvents } from './timeline-routes.ts'
import type { TimelineTemplates } from './timeline-templates.ts'

/** Answers one call of the API that a portal's token opens. Throws Refused. */
export const route = (portal: Portal, templates: TimelineTemplates, request: SimRequest): SimReply => {
  const parts = request.path.split('/').filter(Boolean).map(decoded)
  const [area, version, what, first, ...more] = parts
  if (area === 'account-info' && version === 'v3') {
    if (what === 'details') return account(portal)
    return parts.slice(2).join('/') === 'api-usage/daily/private-apps' ? dailyUsage(portal) : notFound()
  }
  if (area === 'integrators' && what === 'v3' && first === 'events')
    return timelineEvents(portal, templates, request, more)
  if (version === 'v3' && what === 'schemas' && (area === 'crm-object-schemas' || area === 'crm'))
    return schemas(portal, request, parts.slice(3))
  if (area !== 'crm') return notFound()
  const call = CALLS[`${version}/${what}`]
  return call === undefined ? notFound() : call(portal, request, parts.slice(3))
}

type Call = (portal: Portal, request: SimRequest, rest: readonly string[]) => SimReply

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return notFound()
  }
}

const methodNotAllowed = (): SimReply =>
  errorReply(405, { message: 'HTTP 405 Method Not Allowed', category: 'METHOD_NOT_ALLOWED' })

const BATCHES = {
  read: batchRead,
  create: batchCreate,
  update: batchUpdate,
  upsert: batchUpsert,
  archive: batchArchive,
} as const

const objects: Call = (portal, request, rest) => {
  const type = known(portal, rest[0])
  const [, id, word, to, toId, label] = rest
  const { method } = request
  if (id === undefined) {
    if (method === 'GET') return list(portal, type, request)
    return method === 'POST' ? post(portal, type, request) : methodNotAllowed()
  }
  if (method === 'POST') {
    if (id === 'search' && word === undefined)
      return { status: 200, body: search(portal, type, request.body) }
    if (id === 'merge' && word === undefined) return mergeTwo(portal, type, request)
    if (id === 'gdpr-delete' && type === 'contacts') return gdprDelete(portal, request)
    if (id === 'batch' && word !== undefined && Object.hasOwn(BATCHES, word))
      return BATCHES[word as keyof typeof BATCHES](portal, type, request)
    return notFound()
  }
  if (word === 'associations' && toId !== undefined && label !== undefined)
    return associationV3(portal, { type, id, to: known(portal, to), toId }, label, request)
  if (word === 'associations' && method === 'GET')
    return associationsOf(portal, type, request, id, known(portal, to))
  if (word !== undefined) return notFound()
  if (method === 'GET') return get(portal, type, request, id)
  if (method === 'PATCH') return patch(portal, type, request, id)
  return method === 'DELETE' ? remove(portal, type, id) : methodNotAllowed()
}

const objectsV4: Call = (portal, request, rest) => {
  const type = known(portal, rest[0])
  const [, id, word, ...tail] = rest
  if (id === undefined || word !== 'associations') return notFound()
  const { method } = request
  if (tail.length === 1 && method === 'GET') return listV4(portal, type, request, id, known(portal, tail[0]))
  if (tail[0] === 'default' && tail[2] !== undefined && method === 'PUT')
    return putDefault(portal, { type, id, to: known(portal, tail[1]), toId: tail[2] })
  const [to, toId] = tail
  if (toId === undefined) return notFound()
  const pair = { type, id, to: known(portal, to), toId }
  if (method === 'PUT') return putLabelled(portal, pair, request)
  return method === 'DELETE' ? removeAll(portal, pair) : methodNotAllowed()
}

const associationsV4: Call = (portal, request, rest) => {
  const [from, to, word, ...tail] = rest
  if (from === 'definitions' && to === 'configurations') {
    if (word === 'all') return allConfigurations(portal)
    if (tail[1] !== undefined && tail[1] !== 'batch') return notFound()
    return configurations(portal, known(portal, word), known(portal, tail[0]), request, tail[2])
  }
  if (from === 'usage' && to === 'high-usage-report' && word !== undefined && request.method === 'POST')
    return usageReport(portal, word)
  if (word === 'labels') return labels(portal, known(portal, from), known(portal, to), request, tail[0])
  if (word !== 'batch' || request.method !== 'POST') return notFound()
  const call = ASSOCIATION_BATCHES[tail.join('/')]
  return call === undefined ? notFound() : call(portal, known(portal, from), known(portal, to), request)
}

// The report itself would come by e-mail.
const usageReport = (portal: Portal, userId: string): SimReply => ({
  status: 200,
  body: {
    userId: Number(userId),
    userEmail: `user.${userId}@portal-${portal.id}.example`,
    enqueueTime: new Date(portal.now()).toISOString(),
  },
})

const ASSOCIATION_BATCHES: Readonly<
  Record<string, (portal: Portal, from: string, to: string, request: SimRequest) => SimReply>
> = {
  read: batchReadV4,
  create: createPairs,
  'associate/default': createDefaults,
  archive: removePairs,
  'labels/archive': removeLabels,
}

const CALLS: Readonly<Record<string, Call>> = {
  'v3/objects': objects,
  'v3/lists': segments,
  'v3/owners': (_, request, [id]) => (id === undefined ? owners(request) : owner(request, id)),
  'v3/pipelines': (portal, request, [type, ...rest]) => pipelines(portal, known(portal, type), request, rest),
  'v3/properties': (portal, request, [type, ...rest]) =>
    properties(portal, known(portal, type), request, rest),
  'v3/associations': (portal, request, [from, to, ...rest]) =>
    associationsV3(portal, known(portal, from), known(portal, to), request, rest),
  'v4/objects': objectsV4,
  'v4/associations': associationsV4,
}
