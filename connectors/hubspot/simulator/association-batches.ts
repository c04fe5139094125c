import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import { type AssociationSpec, type BatchError, LIMITS, OBJECT_TYPE_FACTS, type ObjectType } from '../wire.ts'
import { jsonBody } from './asking.ts'
import { associate } from './associations.ts'
import { batchReply } from './batch-answer.ts'
import { asBatchError, invalid, Refused } from './errors.ts'
import type { Portal } from './portal.ts'
import { associateByDefault, findLive, liveRow } from './write.ts'

interface PairInput {
  from: { id: string }
  to: { id: string }
  types?: AssociationSpec[]
}

const inputsOf = <T>(request: SimRequest, max: number): T[] => {
  const { inputs } = jsonBody<{ inputs?: T[] }>(request)
  if (!Array.isArray(inputs)) return invalid('inputs must be a list')
  return inputs.length > max ? invalid(`At most ${max} inputs in a request`) : inputs
}

// A pair that cannot be made fails alone: the rest of the batch is made.
const eachPair = <T>(
  portal: Portal,
  request: SimRequest,
  success: 200 | 201,
  make: (input: PairInput) => T,
): SimReply => {
  const results: T[] = []
  const errors: BatchError[] = []
  for (const input of inputsOf<PairInput>(request, LIMITS.associationBatchWrite))
    try {
      results.push(make(input))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      errors.push(asBatchError(error, { fromObjectId: [input.from.id], toObjectId: [input.to.id] }))
    }
  return batchReply(portal, results, errors, success)
}

/** `POST /crm/v4/associations/{from}/{to}/batch/create` */
export const createPairs = (
  portal: Portal,
  type: ObjectType,
  to: ObjectType,
  request: SimRequest,
): SimReply =>
  eachPair(portal, request, 201, ({ from, to: target, types }) => {
    const [row, other] = [liveRow(portal, type, String(from.id)), liveRow(portal, to, String(target.id))]
    associate.labelled(portal, type, row, to, other, types ?? [])
    return {
      fromObjectTypeId: OBJECT_TYPE_FACTS[type].typeId,
      fromObjectId: Number(from.id),
      toObjectTypeId: OBJECT_TYPE_FACTS[to].typeId,
      toObjectId: Number(target.id),
      labels: [],
    }
  })

/** `POST …/batch/associate/default` */
export const createDefaults = (
  portal: Portal,
  type: ObjectType,
  to: ObjectType,
  request: SimRequest,
): SimReply =>
  eachPair(portal, request, 200, ({ from, to: target }) => {
    const [row, other] = [liveRow(portal, type, String(from.id)), liveRow(portal, to, String(target.id))]
    const [associationTypeId] = associateByDefault(portal, type, row, to, other)
    const associationSpec = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId }
    return { from: { id: String(from.id) }, to: { id: String(target.id) }, associationSpec }
  })

/** `POST …/batch/archive`: what is not associated is passed over. */
export const removePairs = (
  portal: Portal,
  type: ObjectType,
  to: ObjectType,
  request: SimRequest,
): SimReply => {
  const inputs = inputsOf<{ from: { id: string }; to: { id: string }[] }>(request, LIMITS.batchInputs)
  for (const { from, to: targets } of inputs)
    for (const target of targets) {
      const row = findLive(portal, type, String(from.id), false)
      const other = findLive(portal, to, String(target.id), false)
      if (row !== undefined && other !== undefined) portal.edges.remove(type, row, to, other)
    }
  return { status: 204 }
}
