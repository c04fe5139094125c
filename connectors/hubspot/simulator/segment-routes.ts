import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import type {
  FoundSegment,
  Segment,
  SegmentBranch,
  SegmentMember,
  SegmentMemberPage,
  SegmentMembersChanged,
  SegmentOfRecord,
  SegmentSearchPage,
  SegmentWrite,
} from '../segment-wire.ts'
import { inputsOf, jsonBody, known, names, numberOf } from './asking.ts'
import { batchReply } from './batch-answer.ts'
import { errorReply, invalid, notFound } from './errors.ts'
import { findLive } from './find.ts'
import type { Portal } from './portal.ts'

const MOST_MEMBERS = 250

/** `/crm/v3/lists` and below. */
export const segments = (portal: Portal, request: SimRequest, rest: readonly string[]): SimReply => {
  const [id, word, verb, name] = rest
  const { method } = request
  if (id === undefined) {
    if (method === 'POST') return made(portal, jsonBody<SegmentWrite>(request))
    const wanted = names(request, 'listIds')
    const lists = portal.segments
      .list()
      .filter(({ listId, deletedAt }) => deletedAt === undefined && wanted.includes(listId))
    return method === 'GET'
      ? { status: 200, body: { lists: lists.map((list) => shown(portal, list, request)) } }
      : methodNotAllowed()
  }
  if (id === 'search' && method === 'POST') return { status: 200, body: found(portal, request) }
  if (id === 'records') return ofRecords(portal, request, rest.slice(1))
  if (id === 'object-type-id' && verb === 'name' && method === 'GET') {
    const typeId = portal.factsOf(known(portal, word)).typeId
    const list = portal.segments
      .list()
      .find((each) => each.objectTypeId === typeId && each.name === name && each.deletedAt === undefined)
    return {
      status: 200,
      body: { list: shown(portal, list ?? notFound(`List does not exist with name ${name}.`), request) },
    }
  }
  if (word === undefined) return one(portal, request, id)
  if (word === 'memberships') return memberships(portal, request, id, verb, name)
  if (method !== 'PUT') return notFound()
  if (word === 'restore') portal.segments.change(id, {})
  else if (word === 'update-list-filters')
    return { status: 200, body: { updatedList: shown(portal, refiltered(portal, request, id), request) } }
  else if (word === 'update-list-name')
    return { status: 200, body: { updatedList: shown(portal, renamed(portal, request, id), request) } }
  else return notFound()
  return { status: 204 }
}

const methodNotAllowed = (): SimReply =>
  errorReply(405, { message: 'HTTP 405 Method Not Allowed', category: 'METHOD_NOT_ALLOWED' })

const made = (portal: Portal, write: SegmentWrite): SimReply => ({
  status: 200,
  body: { list: portal.segments.add(portal, write) },
})

const renamed = (portal: Portal, request: SimRequest, id: string): Segment => {
  const name = request.query.get('listName')
  if (!name) return invalid('listName is required')
  return portal.segments.change(id, { name, updatedAt: new Date(portal.now()).toISOString() })
}

const refiltered = (portal: Portal, request: SimRequest, id: string): Segment => {
  const { filterBranch } = jsonBody<{ filterBranch?: SegmentBranch }>(request)
  return portal.segments.refilter(portal, id, filterBranch ?? invalid('filterBranch is required'))
}

const one = (portal: Portal, request: SimRequest, id: string): SimReply => {
  const list = portal.segments.find(id)
  if (request.method === 'DELETE') {
    portal.segments.change(id, { deletedAt: new Date(portal.now()).toISOString() })
    return { status: 204 }
  }
  if (request.method !== 'GET') return methodNotAllowed()
  if (list.deletedAt !== undefined) return notFound(`List does not exist with ID ${id}.`, { listId: [id] })
  return { status: 200, body: { list: shown(portal, list, request) } }
}

const shown = (portal: Portal, { filterBranch, ...list }: Segment, request: SimRequest): Segment => ({
  ...list,
  size: portal.segments.members(portal, list.listId).length,
  ...(filterBranch !== undefined && request.query.get('includeFilters') === 'true' ? { filterBranch } : {}),
})

const found = (portal: Portal, request: SimRequest): SegmentSearchPage => {
  const {
    query = '',
    listIds,
    processingTypes,
    offset = 0,
    count = 20,
  } = jsonBody<{
    query?: string
    listIds?: string[]
    processingTypes?: string[]
    offset?: number
    count?: number
  }>(request)
  const all = portal.segments
    .list()
    .filter(
      ({ name, listId, processingType, deletedAt }) =>
        deletedAt === undefined &&
        name.toLowerCase().includes(query.toLowerCase()) &&
        (listIds === undefined || listIds.length === 0 || listIds.includes(listId)) &&
        (processingTypes === undefined ||
          processingTypes.length === 0 ||
          processingTypes.includes(processingType)),
    )
  const end = offset + Math.min(count, 500)
  const lists = all.slice(offset, end).map(({ filterBranch: _, size: __, ...list }): FoundSegment => {
    const size = portal.segments.members(portal, list.listId).length
    return { ...list, additionalProperties: { hs_list_size: String(size) } }
  })
  return { lists, total: all.length, offset: Math.min(end, all.length), hasMore: end < all.length }
}

const memberships = (
  portal: Portal,
  request: SimRequest,
  id: string,
  verb: string | undefined,
  source: string | undefined,
): SimReply => {
  if (request.method === 'GET' && (verb === undefined || verb === 'join-order'))
    return { status: 200, body: members(portal, request, id, verb === 'join-order') }
  const all = portal.segments.members(portal, id).map(([row]) => row)
  if (request.method === 'DELETE' && verb === undefined) {
    portal.segments.edit(id, { remove: all }, portal.now())
    return { status: 204 }
  }
  if (request.method !== 'PUT') return methodNotAllowed()
  if (verb === 'add-from' && source !== undefined) {
    const rows = portal.segments.members(portal, source).map(([row]) => row)
    portal.segments.edit(id, { add: rows }, portal.now())
    return { status: 204 }
  }
  const body = jsonBody<string[] | { recordIdsToAdd?: string[]; recordIdsToRemove?: string[] }>(request)
  if (Array.isArray(body)) {
    if (verb !== 'add' && verb !== 'remove') return notFound()
    return { status: 200, body: edited(portal, id, verb === 'add' ? { add: body } : { remove: body }) }
  }
  if (verb !== 'add-and-remove') return invalid('the body must be a list of record ids')
  const { recordIdsToAdd = [], recordIdsToRemove = [] } = body
  return { status: 200, body: edited(portal, id, { add: recordIdsToAdd, remove: recordIdsToRemove }) }
}

const edited = (
  portal: Portal,
  id: string,
  { add = [], remove = [] }: { add?: readonly string[]; remove?: readonly string[] },
): SegmentMembersChanged => {
  const type = portal.segments.typeOf(id)
  const table = portal.table(type)
  const missing: string[] = []
  const rows = (ids: readonly string[]) =>
    ids.flatMap((recordId) => {
      const row = findLive(portal, type, String(recordId), false)
      if (row === undefined) missing.push(String(recordId))
      return row ?? []
    })
  const { added, removed } = portal.segments.edit(id, { add: rows(add), remove: rows(remove) }, portal.now())
  return {
    recordsIdsAdded: added.map(table.idOf),
    recordIdsRemoved: removed.map(table.idOf),
    recordIdsMissing: missing,
  }
}

const members = (portal: Portal, request: SimRequest, id: string, byTime: boolean): SegmentMemberPage => {
  const table = portal.table(portal.segments.typeOf(id))
  const limit = numberOf(request, 'limit', 100, MOST_MEMBERS)
  const after = Number(request.query.get('after') ?? '0')
  if (!Number.isInteger(after) || after < 0) invalid('Invalid parameter after')
  const all = portal.segments.members(portal, id)
  if (byTime) all.sort(([, a], [, b]) => a - b)
  const end = after + limit
  const results = all.slice(after, end).map(
    ([row, at]): SegmentMember => ({
      recordId: table.idOf(row),
      membershipTimestamp: new Date(at).toISOString(),
    }),
  )
  return {
    results,
    total: all.length,
    ...(end < all.length ? { paging: { next: { after: String(end) } } } : {}),
  }
}

const listsOf = (portal: Portal, type: string, id: string): SegmentOfRecord[] => {
  const row = findLive(portal, type, id, false)
  return portal.segments.list().flatMap(({ listId, listVersion, deletedAt }) => {
    if (deletedAt !== undefined || portal.segments.typeOf(listId) !== type) return []
    const member = portal.segments.members(portal, listId).find(([each]) => each === row)
    if (member === undefined) return []
    const at = new Date(member[1]).toISOString()
    return [{ listId, listVersion, firstAddedTimestamp: at, lastAddedTimestamp: at }]
  })
}

const ofRecords = (portal: Portal, request: SimRequest, [type, id, ...rest]: readonly string[]): SimReply => {
  if (type === 'memberships' && id === 'batch' && rest[0] === 'read' && request.method === 'POST') {
    const results = inputsOf<{ objectTypeId: string; recordId: string }>(request, 1_000).map((input) => ({
      ...input,
      recordListMemberships: listsOf(portal, known(portal, input.objectTypeId), String(input.recordId)),
    }))
    return batchReply(portal, results, [], 200)
  }
  if (id === undefined || rest[0] !== 'memberships' || request.method !== 'GET') return notFound()
  const results = listsOf(portal, known(portal, type), id)
  return { status: 200, body: { results, total: results.length } }
}
