import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import { type CrmPage, type CrmRecord, LIMITS, type MergeRequest, type ObjectWrite } from '../wire.ts'
import { jsonBody, names, numberOf, towards } from './asking.ts'
import { invalid, notFound } from './errors.ts'
import { findLive, liveRow } from './find.ts'
import { merge } from './merge.ts'
import type { Portal } from './portal.ts'
import { relateAs, targetOf } from './relate.ts'
import { historyOf, inline, nextLink, rendered, shown, v3Page } from './render.ts'
import { archive, prepareCreate, purge, update } from './write.ts'

/** `GET /crm/v3/objects/{t}` */
export const list = (portal: Portal, type: string, request: SimRequest): SimReply => {
  const table = portal.table(type)
  const history = names(request, 'propertiesWithHistory')
  const limit = numberOf(request, 'limit', 10, history.length > 0 ? LIMITS.historyInputs : LIMITS.listPage)
  const after = request.query.get('after')
  if (after !== null && after !== '' && !/^\d+$/.test(after)) invalid(`Invalid parameter after: ${after}`)
  const asked = shown(table, [...names(request, 'properties'), ...history])
  const to = towards(portal, request)
  const archived = request.query.get('archived') === 'true'
  const from = after === null || after === '' ? 0 : table.rowFrom(Number(after))
  const rows = archived ? archivedRows(portal, type, from, limit) : liveRows(portal, type, from, limit)
  const results = rows.slice(0, limit).map((row): CrmRecord => {
    const standing = table.standing(row)
    const record = { ...rendered(table, standing, asked), ...historyOf(table, standing, history) }
    const associations = archived ? undefined : inline(portal, type, row, to)
    return associations === undefined ? record : { ...record, associations }
  })
  const page: CrmPage = { results }
  const last = rows[limit - 1]
  if (rows.length > limit && last !== undefined) {
    const next = String(Number(table.idOf(last)) + 1)
    page.paging = { next: { after: next, link: nextLink(`/crm/v3/objects/${type}`, next) } }
  }
  return { status: 200, body: page }
}

// One row more than asked for, to know whether there is a next page.
const liveRows = (portal: Portal, type: string, from: number, limit: number): number[] => {
  const table = portal.table(type)
  const rows: number[] = []
  for (let row = from; row < table.size && rows.length <= limit; row += 1)
    if (table.isLive(row)) rows.push(row)
  return rows
}

const archivedRows = (portal: Portal, type: string, from: number, limit: number): number[] => {
  const table = portal.table(type)
  return table
    .changedRows()
    .filter((row) => {
      const version = table.version(row)
      return (
        row >= from && version?.archivedAt != null && version.mergedInto === null && version.purged !== true
      )
    })
    .slice(0, limit + 1)
}

const rowNamed = (portal: Portal, type: string, request: SimRequest, id: string): number => {
  const by = request.query.get('idProperty')
  if (by === null || by === '' || by === 'hs_object_id') return liveRow(portal, type, id)
  if (portal.table(type).definitions.get(by)?.hasUniqueValue !== true)
    return invalid(`${by} is not a unique property`)
  return portal.table(type).rowBy(by, id) ?? notFound('resource not found', { [by]: [id] })
}

/** `GET /crm/v3/objects/{t}/{id}` */
export const get = (portal: Portal, type: string, request: SimRequest, id: string): SimReply => {
  const table = portal.table(type)
  const history = names(request, 'propertiesWithHistory')
  const to = towards(portal, request)
  const row =
    request.query.get('archived') === 'true'
      ? archivedRow(portal, type, id)
      : rowNamed(portal, type, request, id)
  const standing = table.standing(row)
  const record = rendered(table, standing, shown(table, [...names(request, 'properties'), ...history]))
  const associations = inline(portal, type, row, to)
  return {
    status: 200,
    body: {
      ...record,
      ...historyOf(table, standing, history),
      ...(associations === undefined ? {} : { associations }),
    },
  }
}

const archivedRow = (portal: Portal, type: string, id: string): number => {
  const row = portal.table(type).rowOf(id)
  return row !== undefined && portal.table(type).version(row)?.archivedAt != null
    ? row
    : notFound('resource not found', { id: [id] })
}

const whole = (portal: Portal, type: string, row: number, sent: readonly string[]): CrmRecord => {
  const table = portal.table(type)
  return rendered(table, table.standing(row), shown(table, sent))
}

/** `POST /crm/v3/objects/{t}` */
export const post = (portal: Portal, type: string, request: SimRequest): SimReply => {
  const { properties, associations } = jsonBody<ObjectWrite>(request)
  return { status: 201, body: makeOne(portal, type, { properties, associations }) }
}

/** Makes a record with its associations and answers it. Throws Refused before anything is made. */
const makeOne = (portal: Portal, type: string, write: ObjectWrite): CrmRecord =>
  prepareOne(portal, type, write)()

/** Checks everything about a new record with its associations; what it answers makes it. Throws Refused. */
export const prepareOne = (portal: Portal, type: string, write: ObjectWrite): (() => CrmRecord) => {
  const targets = (write.associations ?? []).map(({ to, types }) => ({
    ...targetOf(portal, type, to.id, types),
    types,
  }))
  const create = prepareCreate(portal, type, write.properties ?? {})
  return () => {
    const row = create()
    for (const { to, other, types } of targets) relateAs(portal, { type, row, to, other }, types)
    return whole(portal, type, row, Object.keys(write.properties ?? {}))
  }
}

/** `PATCH /crm/v3/objects/{t}/{id}` */
export const patch = (portal: Portal, type: string, request: SimRequest, id: string): SimReply => {
  const { properties } = jsonBody<ObjectWrite>(request)
  const row = rowNamed(portal, type, request, id)
  update(portal, type, row, properties ?? {})
  return { status: 200, body: whole(portal, type, row, Object.keys(properties ?? {})) }
}

/** `DELETE /crm/v3/objects/{t}/{id}`: 204 for a record that is archived already, too. */
export const remove = (portal: Portal, type: string, id: string): SimReply => {
  const row = findLive(portal, type, id)
  if (row !== undefined) archive(portal, type, row)
  return { status: 204 }
}

/** `POST /crm/v3/objects/{t}/merge` */
export const mergeTwo = (portal: Portal, type: string, request: SimRequest): SimReply => {
  const { primaryObjectId, objectIdToMerge } = jsonBody<MergeRequest>(request)
  const [primary, other] = [liveRow(portal, type, primaryObjectId), liveRow(portal, type, objectIdToMerge)]
  return { status: 200, body: whole(portal, type, merge(portal, type, primary, other), []) }
}

/** `POST /crm/v3/objects/contacts/gdpr-delete`: the contact is gone for good, and so is an address that nobody has had. */
export const gdprDelete = (portal: Portal, request: SimRequest): SimReply => {
  const { objectId, idProperty } = jsonBody<{ objectId?: string; idProperty?: string }>(request)
  if (!objectId) return invalid('objectId is required')
  const byEmail = idProperty === 'email'
  const table = portal.table('contacts')
  const row = byEmail ? table.rowBy('email', objectId) : table.rowOf(objectId)
  if (row !== undefined) purge(portal, row)
  else if (byEmail) portal.blockedEmails.add(objectId.toLowerCase())
  else notFound('resource not found', { id: [objectId] })
  return { status: 204 }
}

/** `GET /crm/v3/objects/{t}/{id}/associations/{to}`: where the links of inline lists lead. */
export const associationsOf = (
  portal: Portal,
  type: string,
  request: SimRequest,
  id: string,
  to: string,
): SimReply => {
  const after = Number(request.query.get('after') ?? '0')
  if (!Number.isInteger(after) || after < 0) invalid('Invalid parameter after')
  const row = liveRow(portal, type, id)
  return {
    status: 200,
    body: v3Page(portal, type, row, to, after, numberOf(request, 'limit', 500, LIMITS.associationPage)),
  }
}
