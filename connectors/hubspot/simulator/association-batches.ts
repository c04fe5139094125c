import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import { type AssociationSpec, type BatchError, LIMITS } from '../wire.ts'
import { inputsOf } from './asking.ts'
import { labelsBetween, rowsOf } from './associations.ts'
import { batchReply } from './batch-answer.ts'
import { asBatchError, Refused } from './errors.ts'
import { findLive } from './find.ts'
import type { Portal } from './portal.ts'
import { type Between, relateAs, relateByDefault, unrelate } from './relate.ts'

interface PairInput {
  from: { id: string }
  to: { id: string }
  types?: AssociationSpec[]
}

const pairOf = (type: string, to: string, input: PairInput) => ({
  type,
  id: String(input.from.id),
  to,
  toId: String(input.to.id),
})

// A pair that cannot be made fails alone: the rest of the batch is made.
const eachPair = <T>(
  portal: Portal,
  request: SimRequest,
  success: 200 | 201,
  make: (input: PairInput) => T | T[],
): SimReply => {
  const results: T[] = []
  const errors: BatchError[] = []
  for (const input of inputsOf<PairInput>(request, LIMITS.associationBatchWrite))
    try {
      results.push(...([make(input)].flat() as T[]))
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      errors.push(asBatchError(error, { fromObjectId: [input.from.id], toObjectId: [input.to.id] }))
    }
  return batchReply(portal, results, errors, success)
}

/** `POST /crm/v4/associations/{from}/{to}/batch/create` */
export const createPairs = (portal: Portal, type: string, to: string, request: SimRequest): SimReply =>
  eachPair(portal, request, 201, (input) => {
    const pair = pairOf(type, to, input)
    const typeIds = relateAs(portal, rowsOf(portal, pair), input.types ?? [])
    return labelsBetween(portal, pair, typeIds)
  })

/** `POST …/batch/associate/default` */
export const createDefaults = (portal: Portal, type: string, to: string, request: SimRequest): SimReply =>
  eachPair(portal, request, 200, (input) => {
    const pair = pairOf(type, to, input)
    return relateByDefault(portal, rowsOf(portal, pair)).map((associationTypeId) => ({
      from: { id: pair.id },
      to: { id: pair.toId },
      associationSpec: {
        associationCategory: portal.associations.mustFind(type, to, associationTypeId).category,
        associationTypeId,
      },
    }))
  })

// What is not there cannot be taken away: it is passed over.
const foundRows = (
  portal: Portal,
  type: string,
  to: string,
  id: string,
  toId: string,
): Between | undefined => {
  const row = findLive(portal, type, String(id), false)
  const other = findLive(portal, to, String(toId), false)
  return row === undefined || other === undefined ? undefined : { type, row, to, other }
}

/** `POST …/batch/archive`: what is not associated is passed over. */
export const removePairs = (portal: Portal, type: string, to: string, request: SimRequest): SimReply => {
  for (const { from, to: targets } of inputsOf<{ from: { id: string }; to: { id: string }[] }>(
    request,
    LIMITS.batchInputs,
  ))
    for (const target of targets) {
      const between = foundRows(portal, type, to, from.id, target.id)
      if (between !== undefined) unrelate(portal, between)
    }
  return { status: 204 }
}

/** `POST …/batch/labels/archive`: single labels; the unlabelled type takes the whole association with it. */
export const removeLabels = (portal: Portal, type: string, to: string, request: SimRequest): SimReply => {
  for (const { from, to: target, types } of inputsOf<PairInput>(request, LIMITS.associationBatchWrite)) {
    const typeIds = (types ?? []).map(
      ({ associationTypeId }) => portal.associations.mustFind(type, to, associationTypeId).typeId,
    )
    const between = foundRows(portal, type, to, from.id, target.id)
    if (between !== undefined && typeIds.length > 0) unrelate(portal, between, typeIds)
  }
  return { status: 204 }
}
