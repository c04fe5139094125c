import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import { type BatchError, LIMITS } from '../wire.ts'
import { inputsOf } from './asking.ts'
import { noneOf, type Pair, rowsOf } from './associations.ts'
import { batchReply } from './batch-answer.ts'
import { asBatchError, errorReply, invalid, notFound, Refused } from './errors.ts'
import { findLive } from './find.ts'
import type { Portal } from './portal.ts'
import { relate, unrelate } from './relate.ts'
import { rendered, shown, v3Entries } from './render.ts'

interface PairInput {
  from: { id: string }
  to: { id: string }
  type: string
}

// v3 names a type (`contact_to_company`), or gives its number.
const typeIdsOf = (portal: Portal, from: string, to: string, type: string): number[] => {
  const said = portal.associations.of(from, to)
  const found = said.find((each) => each.name === type || String(each.typeId) === type)
  if (found === undefined) return invalid(`${type} is not an association type from ${from} to ${to}`)
  const plain = portal.associations.mustBePlain(from, to)
  return [...new Set([plain, found.typeId])]
}

/** `/crm/v3/associations/{from}/{to}/types` and `/batch/…`. */
export const associationsV3 = (
  portal: Portal,
  from: string,
  to: string,
  request: SimRequest,
  rest: readonly string[],
): SimReply => {
  const [word, verb] = rest
  if (word === 'types' && request.method === 'GET')
    return {
      status: 200,
      body: {
        results: portal.associations.of(from, to).map(({ typeId, name }) => ({ id: String(typeId), name })),
      },
    }
  if (word !== 'batch' || request.method !== 'POST') return notFound()
  if (verb === 'read') return batchRead(portal, from, to, request)
  if (verb !== 'create' && verb !== 'archive') return notFound()
  const results: PairInput[] = []
  const errors: BatchError[] = []
  for (const input of inputsOf<PairInput>(request, LIMITS.associationBatchWrite))
    try {
      const pair = rowsOf(portal, { type: from, id: String(input.from.id), to, toId: String(input.to.id) })
      const typeIds = typeIdsOf(portal, from, to, input.type)
      if (verb === 'create') relate(portal, pair, typeIds)
      else unrelate(portal, pair)
      results.push(input)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      if (verb === 'create')
        errors.push(asBatchError(error, { fromObjectId: [input.from.id], toObjectId: [input.to.id] }))
    }
  return verb === 'archive' ? { status: 204 } : batchReply(portal, results, errors, 201)
}

const batchRead = (portal: Portal, from: string, to: string, request: SimRequest): SimReply => {
  const results: { from: { id: string }; to: { id: string; type: string }[] }[] = []
  const errors: BatchError[] = []
  for (const { id } of inputsOf<{ id: string }>(request, LIMITS.associationBatchRead)) {
    const row = findLive(portal, from, String(id), false)
    const entries = row === undefined ? [] : v3Entries(portal, from, row, to)
    if (entries.length === 0) errors.push(noneOf(portal, from, to, String(id)))
    else results.push({ from: { id: String(id) }, to: entries })
  }
  return batchReply(portal, results, errors, 200)
}

/** `PUT` and `DELETE /crm/v3/objects/{t}/{id}/associations/{to}/{toId}/{type}` */
export const associationV3 = (portal: Portal, pair: Pair, type: string, request: SimRequest): SimReply => {
  const between = rowsOf(portal, pair)
  const typeIds = typeIdsOf(portal, pair.type, pair.to, type)
  if (request.method === 'DELETE') {
    unrelate(portal, between)
    return { status: 204 }
  }
  if (request.method !== 'PUT') return errorReply(405, { message: 'HTTP 405 Method Not Allowed' })
  relate(portal, between, typeIds)
  const table = portal.table(pair.type)
  return { status: 200, body: rendered(table, table.standing(between.row), shown(table, [])) }
}
