import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import {
  type BatchError,
  type BatchReadRequest,
  type CrmRecord,
  LIMITS,
  OBJECT_TYPE_FACTS,
  type ObjectType,
  type ObjectWrite,
} from '../wire.ts'
import { jsonBody } from './asking.ts'
import { batchReply } from './batch-answer.ts'
import { asBatchError, invalid, notFound, Refused } from './errors.ts'
import { makeOne } from './objects.ts'
import type { Portal } from './portal.ts'
import { rendered, shown } from './render.ts'
import { archive, findLive, update } from './write.ts'

const inputsOf = <T>(request: SimRequest, max: number): T[] => {
  const { inputs } = jsonBody<{ inputs?: T[] }>(request)
  if (!Array.isArray(inputs)) return invalid('inputs must be a list')
  if (inputs.length > max)
    return invalid(`The maximum number of inputs supported in a batch request is ${max}`)
  return inputs
}

/** `POST /crm/v3/objects/{t}/batch/read`: merged ids are missing here, unlike in a single read. */
export const batchRead = (portal: Portal, type: ObjectType, request: SimRequest): SimReply => {
  const { properties = [], propertiesWithHistory = [], idProperty } = jsonBody<BatchReadRequest>(request)
  const inputs = inputsOf<{ id: string }>(request, propertiesWithHistory.length > 0 ? 50 : LIMITS.batchInputs)
  const table = portal.tables[type]
  const names = shown(table, [...properties, ...propertiesWithHistory])
  const byOther = idProperty !== undefined && idProperty !== 'hs_object_id'
  const missing: string[] = []
  const results: CrmRecord[] = []
  for (const id of new Set(inputs.map((input) => String(input.id)))) {
    const row = byOther ? table.rowBy(idProperty, id) : findLive(portal, type, id, false)
    if (row === undefined) missing.push(id)
    else results.push(rendered(table, table.standing(row), names))
  }
  return batchReply(portal, results, missing.length === 0 ? [] : [notGot(type, missing)], 200)
}

const notGot = (type: ObjectType, ids: string[]): BatchError => ({
  status: 'error',
  category: 'OBJECT_NOT_FOUND',
  message: `Could not get some ${OBJECT_TYPE_FACTS[type].singular.toUpperCase()} objects, they may be deleted or not exist. Check that ids are valid.`,
  context: { ids },
})

interface BatchInput extends ObjectWrite {
  id?: string
  idProperty?: string
  objectWriteTraceId?: string
}

// Rows fail one by one only when each carries a trace id; without, one bad row fails the batch, as HubSpot has it.
const each = (
  portal: Portal,
  inputs: readonly BatchInput[],
  success: 200 | 201,
  write: (input: BatchInput) => CrmRecord & { new?: boolean },
): SimReply => {
  const traced = inputs.every((input) => input.objectWriteTraceId !== undefined)
  const results: CrmRecord[] = []
  const errors: BatchError[] = []
  for (const input of inputs)
    try {
      results.push({ ...write(input), ...traceOf(input) })
    } catch (error) {
      if (!(error instanceof Refused) || !traced) throw error
      errors.push(asBatchError(error, { objectWriteTraceId: [input.objectWriteTraceId!] }))
    }
  return batchReply(portal, results, errors, success)
}

const traceOf = (input: BatchInput) =>
  input.objectWriteTraceId === undefined ? {} : { objectWriteTraceId: input.objectWriteTraceId }

/** `POST …/batch/create` */
export const batchCreate = (portal: Portal, type: ObjectType, request: SimRequest): SimReply =>
  each(portal, inputsOf<BatchInput>(request, LIMITS.batchInputs), 201, (input) =>
    makeOne(portal, type, input),
  )

const rowOf = (portal: Portal, type: ObjectType, input: BatchInput): number | undefined =>
  input.idProperty === undefined
    ? findLive(portal, type, String(input.id), false)
    : portal.tables[type].rowBy(input.idProperty, String(input.id))

const changed = (portal: Portal, type: ObjectType, row: number, input: BatchInput): CrmRecord => {
  const table = portal.tables[type]
  update(portal, type, row, input.properties ?? {})
  return rendered(table, table.standing(row), shown(table, Object.keys(input.properties ?? {})))
}

/** `POST …/batch/update` */
export const batchUpdate = (portal: Portal, type: ObjectType, request: SimRequest): SimReply =>
  each(portal, inputsOf<BatchInput>(request, LIMITS.batchInputs), 200, (input) => {
    const row = rowOf(portal, type, input) ?? notFound(notGot(type, []).message, { ids: [String(input.id)] })
    return changed(portal, type, row, input)
  })

/** `POST …/batch/upsert` */
export const batchUpsert = (portal: Portal, type: ObjectType, request: SimRequest): SimReply =>
  each(portal, inputsOf<BatchInput>(request, LIMITS.batchInputs), 200, (input) => {
    const by = input.idProperty
    if (by === undefined || portal.tables[type].definitions.get(by)?.hasUniqueValue !== true)
      return invalid(`idProperty must be a unique property`)
    const row = rowOf(portal, type, input)
    if (row !== undefined) return { ...changed(portal, type, row, input), new: false }
    const properties = { ...input.properties, [by]: String(input.id) }
    return { ...makeOne(portal, type, { properties }), new: true }
  })

/** `POST …/batch/archive` */
export const batchArchive = (portal: Portal, type: ObjectType, request: SimRequest): SimReply => {
  for (const { id } of inputsOf<{ id: string }>(request, LIMITS.batchInputs)) {
    const row = findLive(portal, type, String(id), false)
    if (row !== undefined) archive(portal, type, row)
  }
  return { status: 204 }
}
