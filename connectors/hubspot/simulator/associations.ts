import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import {
  type AssociationBatchReadRequest,
  type AssociationPage,
  type AssociationSpec,
  type AssociationsOfRecord,
  type BatchError,
  LIMITS,
  NO_ASSOCIATIONS,
} from '../wire.ts'
import { inputsOf, jsonBody, numberOf } from './asking.ts'
import { batchReply } from './batch-answer.ts'
import { invalid } from './errors.ts'
import { findLive, liveRow } from './find.ts'
import type { Portal } from './portal.ts'
import { relateAs, relateByDefault, unrelate } from './relate.ts'
import { v4Records } from './render.ts'

// An opaque cursor that is the number of entries already given.
const page = (portal: Portal, type: string, row: number, to: string, after: string, limit: number) => {
  const offset = after === '' ? 0 : Number(after)
  if (!Number.isInteger(offset) || offset < 0) return invalid('Invalid parameter after')
  const all = v4Records(portal, type, row, to)
  const end = offset + limit
  return {
    records: all.slice(offset, end),
    ...(end < all.length ? { paging: { next: { after: String(end) } } } : {}),
  }
}

/** `GET /crm/v4/objects/{t}/{id}/associations/{to}` */
export const listV4 = (
  portal: Portal,
  type: string,
  request: SimRequest,
  id: string,
  to: string,
): SimReply => {
  const limit = numberOf(request, 'limit', LIMITS.associationPage, LIMITS.associationPage)
  const row = liveRow(portal, type, id)
  const { records, paging } = page(portal, type, row, to, request.query.get('after') ?? '', limit)
  const body: AssociationPage = { results: records, ...(paging === undefined ? {} : { paging }) }
  return { status: 200, body }
}

/** `POST /crm/v4/associations/{from}/{to}/batch/read`: records without any come as errors of a 207 that is no failure. */
export const batchReadV4 = (portal: Portal, type: string, to: string, request: SimRequest): SimReply => {
  const inputs = inputsOf<AssociationBatchReadRequest['inputs'][number]>(request, LIMITS.associationBatchRead)
  const results: AssociationsOfRecord[] = []
  const errors: BatchError[] = []
  for (const { id, after } of inputs) {
    const row = findLive(portal, type, String(id), false)
    const { records, paging } =
      row === undefined
        ? { records: [], paging: undefined }
        : page(portal, type, row, to, after ?? '', LIMITS.associationPage)
    if (records.length === 0) errors.push(noneOf(portal, type, to, String(id)))
    else results.push({ from: { id: String(id) }, to: records, ...(paging === undefined ? {} : { paging }) })
  }
  return batchReply(portal, results, errors, 200)
}

/** What a batch read says of a record that is associated with nothing. */
export const noneOf = (portal: Portal, type: string, to: string, id: string): BatchError => {
  const [from, target] = [portal.factsOf(type).singular, portal.factsOf(to).singular]
  return {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    subCategory: NO_ASSOCIATIONS,
    message: `No ${target} is associated with ${from} ${id}.`,
    context: { fromObjectId: [id], fromObjectType: [from], toObjectType: [target] },
  }
}

/** A pair as a path names it. */
export interface Pair {
  type: string
  id: string
  to: string
  toId: string
}

/** The rows of a pair. Throws a 404 unless both live. */
export const rowsOf = (portal: Portal, { type, id, to, toId }: Pair) => ({
  type,
  row: liveRow(portal, type, id),
  to,
  other: liveRow(portal, to, toId),
})

/** `PUT /crm/v4/objects/{t}/{id}/associations/default/{to}/{toId}` */
export const putDefault = (portal: Portal, pair: Pair): SimReply => {
  const typeIds = relateByDefault(portal, rowsOf(portal, pair))
  const both = typeIds.map((associationTypeId) => ({
    from: { id: pair.id },
    to: { id: pair.toId },
    associationSpec: {
      associationCategory: portal.associations.mustFind(pair.type, pair.to, associationTypeId).category,
      associationTypeId,
    },
  }))
  return batchReply(portal, both, [], 200)
}

/** What a labelled association answers. */
export const labelsBetween = (portal: Portal, pair: Pair, typeIds: readonly number[]) => ({
  fromObjectTypeId: portal.factsOf(pair.type).typeId,
  fromObjectId: Number(pair.id),
  toObjectTypeId: portal.factsOf(pair.to).typeId,
  toObjectId: Number(pair.toId),
  labels: typeIds.flatMap((typeId) => portal.associations.find(pair.type, pair.to, typeId)?.label ?? []),
})

/** `PUT /crm/v4/objects/{t}/{id}/associations/{to}/{toId}` */
export const putLabelled = (portal: Portal, pair: Pair, request: SimRequest): SimReply => {
  const types = jsonBody<AssociationSpec[]>(request)
  if (!Array.isArray(types)) return invalid('the body must be a list of association types')
  const typeIds = relateAs(portal, rowsOf(portal, pair), types)
  return { status: 201, body: labelsBetween(portal, pair, typeIds) }
}

/** `DELETE /crm/v4/objects/{t}/{id}/associations/{to}/{toId}` */
export const removeAll = (portal: Portal, pair: Pair): SimReply => {
  unrelate(portal, rowsOf(portal, pair))
  return { status: 204 }
}
