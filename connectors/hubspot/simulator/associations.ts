import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import {
  ASSOCIATION_TYPE_IDS,
  type AssociationBatchReadRequest,
  type AssociationPage,
  type AssociationSpec,
  type AssociationsOfRecord,
  type BatchError,
  LIMITS,
  NO_ASSOCIATIONS,
  OBJECT_TYPE_FACTS,
  OBJECT_TYPES,
  type ObjectType,
} from '../wire.ts'
import { jsonBody, numberOf } from './asking.ts'
import { batchReply } from './batch-answer.ts'
import { pair } from './edges.ts'
import { invalid } from './errors.ts'
import type { Portal } from './portal.ts'
import { v4Records } from './render.ts'
import { associateByDefault, findLive, liveRow } from './write.ts'

const one = (type: ObjectType): string => OBJECT_TYPE_FACTS[type].singular

// An opaque cursor that is the number of entries already given.
const page = (
  portal: Portal,
  type: ObjectType,
  row: number,
  to: ObjectType,
  after: string,
  limit: number,
) => {
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
  type: ObjectType,
  request: SimRequest,
  id: string,
  to: ObjectType,
): SimReply => {
  const limit = numberOf(request, 'limit', LIMITS.associationPage, LIMITS.associationPage)
  const row = liveRow(portal, type, id)
  const { records, paging } = page(portal, type, row, to, request.query.get('after') ?? '', limit)
  const body: AssociationPage = { results: records, ...(paging === undefined ? {} : { paging }) }
  return { status: 200, body }
}

/** `POST /crm/v4/associations/{from}/{to}/batch/read`: records without any come as errors of a 207 that is no failure. */
export const batchReadV4 = (
  portal: Portal,
  type: ObjectType,
  to: ObjectType,
  request: SimRequest,
): SimReply => {
  const { inputs } = jsonBody<AssociationBatchReadRequest>(request)
  if (!Array.isArray(inputs)) return invalid('inputs must be a list')
  if (inputs.length > LIMITS.associationBatchRead)
    return invalid(`Batch reads are limited to ${LIMITS.associationBatchRead} inputs`)
  const results: AssociationsOfRecord[] = []
  const errors: BatchError[] = []
  for (const { id, after } of inputs) {
    const row = findLive(portal, type, String(id), false)
    const { records, paging } =
      row === undefined
        ? { records: [], paging: undefined }
        : page(portal, type, row, to, after ?? '', LIMITS.associationPage)
    if (records.length === 0) errors.push(none(type, to, String(id)))
    else results.push({ from: { id: String(id) }, to: records, ...(paging === undefined ? {} : { paging }) })
  }
  return batchReply(portal, results, errors, 200)
}

const none = (type: ObjectType, to: ObjectType, id: string): BatchError => ({
  status: 'error',
  category: 'OBJECT_NOT_FOUND',
  subCategory: NO_ASSOCIATIONS,
  message: `No ${one(to)} is associated with ${one(type)} ${id}.`,
  context: { fromObjectId: [id], fromObjectType: [one(type)], toObjectType: [one(to)] },
})

/** Making associations, for the calls that do it by the way. */
export const associate = {
  /** The row and type an association leads to, told by its type ids. Throws Refused. */
  target(
    portal: Portal,
    type: ObjectType,
    id: string,
    types: readonly AssociationSpec[],
  ): { to: ObjectType; row: number } {
    const typeId = types[0]?.associationTypeId
    const to = OBJECT_TYPES.find((other) => {
      const ids = pair(type, other)
      return ids !== undefined && (ids.plain === typeId || ids.primary === typeId)
    })
    if (to === undefined) return invalid(`Invalid association type ${typeId} for ${type}`)
    return { to, row: liveRow(portal, to, String(id)) }
  },
  /** Puts labels on a pair; the plain association is there with every label. Throws Refused for a label the pair does not know. */
  labelled(
    portal: Portal,
    type: ObjectType,
    row: number,
    to: ObjectType,
    other: number,
    types: readonly AssociationSpec[],
  ): number[] {
    const ids = pair(type, to) ?? invalid(`No association is defined from ${type} to ${to}`)
    const typeIds = types.map(({ associationTypeId }) =>
      associationTypeId === ids.plain || associationTypeId === ids.primary
        ? associationTypeId
        : invalid(`Association type ${associationTypeId} is not defined from ${type} to ${to}`),
    )
    const all = [...new Set([ids.plain, ...typeIds])]
    portal.edges.add(type, row, to, other, all)
    return all
  },
}

interface Pair {
  type: ObjectType
  id: string
  to: ObjectType
  toId: string
}

const rows = (portal: Portal, { type, id, to, toId }: Pair): [number, number] => [
  liveRow(portal, type, id),
  liveRow(portal, to, toId),
]

/** `PUT /crm/v4/objects/{t}/{id}/associations/default/{to}/{toId}` */
export const putDefault = (portal: Portal, between: Pair): SimReply => {
  const [row, other] = rows(portal, between)
  const typeIds = associateByDefault(portal, between.type, row, between.to, other)
  const both = typeIds.map((associationTypeId) => ({
    from: { id: between.id },
    to: { id: between.toId },
    associationSpec: { associationCategory: 'HUBSPOT_DEFINED', associationTypeId },
  }))
  return batchReply(portal, both, [], 200)
}

/** `PUT /crm/v4/objects/{t}/{id}/associations/{to}/{toId}` */
export const putLabelled = (portal: Portal, between: Pair, request: SimRequest): SimReply => {
  const types = jsonBody<AssociationSpec[]>(request)
  if (!Array.isArray(types)) return invalid('the body must be a list of association types')
  const [row, other] = rows(portal, between)
  associate.labelled(portal, between.type, row, between.to, other, types)
  return {
    status: 201,
    body: {
      fromObjectTypeId: OBJECT_TYPE_FACTS[between.type].typeId,
      fromObjectId: Number(between.id),
      toObjectTypeId: OBJECT_TYPE_FACTS[between.to].typeId,
      toObjectId: Number(between.toId),
      labels: [],
    },
  }
}

/** `DELETE /crm/v4/objects/{t}/{id}/associations/{to}/{toId}` */
export const removeAll = (portal: Portal, between: Pair): SimReply => {
  const [row, other] = rows(portal, between)
  portal.edges.remove(between.type, row, between.to, other)
  return { status: 204 }
}

/** `GET /crm/v4/associations/{from}/{to}/labels` */
export const labels = (from: ObjectType, to: ObjectType): SimReply => {
  const ids = ASSOCIATION_TYPE_IDS[`${from}>${to}`]
  const results =
    ids === undefined
      ? []
      : [
          ...(ids.primary === undefined
            ? []
            : [{ category: 'HUBSPOT_DEFINED', typeId: ids.primary, label: 'Primary' }]),
          { category: 'HUBSPOT_DEFINED', typeId: ids.plain, label: null },
        ]
  return { status: 200, body: { results } }
}
