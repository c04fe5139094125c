import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import { type BatchError, type BatchReadRequest, type CrmRecord, LIMITS, type ObjectWrite } from '../wire.ts'
import { inputsOf, jsonBody } from './asking.ts'
import { batchReply } from './batch-answer.ts'
import { asBatchError, invalid, notFound, Refused } from './errors.ts'
import { findLive } from './find.ts'
import { makeOne } from './objects.ts'
import type { Portal } from './portal.ts'
import { rendered, shown } from './render.ts'
import { archive, update } from './write.ts'

/** `POST /crm/v3/objects/{t}/batch/read`: merged ids are missing here, unlike in a single read. */
export const batchRead = (portal: Portal, type: string, request: SimRequest): SimReply => {
  const { properties = [], propertiesWithHistory = [], idProperty } = jsonBody<BatchReadRequest>(request)
  const inputs = inputsOf<{ id: string }>(request, propertiesWithHistory.length > 0 ? 50 : LIMITS.batchInputs)
  const table = portal.table(type)
  const names = shown(table, [...properties, ...propertiesWithHistory])
  const byOther = idProperty !== undefined && idProperty !== 'hs_object_id'
  const missing: string[] = []
  const results: CrmRecord[] = []
  for (const id of new Set(inputs.map((input) => String(input.id)))) {
    const row = byOther ? table.rowBy(idProperty, id) : findLive(portal, type, id, false)
    if (row === undefined) missing.push(id)
    else results.push(rendered(table, table.standing(row), names))
  }
  return batchReply(portal, results, missing.length === 0 ? [] : [notGot(portal, type, missing)], 200)
}

const notGot = (portal: Portal, type: string, ids: string[]): BatchError => ({
  status: 'error',
  category: 'OBJECT_NOT_FOUND',
  message: `Could not get some ${portal.factsOf(type).singular.toUpperCase()} objects, they may be deleted or not exist. Check that ids are valid.`,
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
export const batchCreate = (portal: Portal, type: string, request: SimRequest): SimReply =>
  each(portal, inputsOf<BatchInput>(request, LIMITS.batchInputs), 201, (input) =>
    makeOne(portal, type, input),
  )

const rowOf = (portal: Portal, type: string, input: BatchInput): number | undefined =>
  input.idProperty === undefined
    ? findLive(portal, type, String(input.id), false)
    : portal.table(type).rowBy(input.idProperty, String(input.id))

const changed = (portal: Portal, type: string, row: number, input: BatchInput): CrmRecord => {
  const table = portal.table(type)
  update(portal, type, row, input.properties ?? {})
  return rendered(table, table.standing(row), shown(table, Object.keys(input.properties ?? {})))
}

/** `POST …/batch/update` */
export const batchUpdate = (portal: Portal, type: string, request: SimRequest): SimReply =>
  each(portal, inputsOf<BatchInput>(request, LIMITS.batchInputs), 200, (input) => {
    const row =
      rowOf(portal, type, input) ?? notFound(notGot(portal, type, []).message, { ids: [String(input.id)] })
    return changed(portal, type, row, input)
  })

/** `POST …/batch/upsert` */
export const batchUpsert = (portal: Portal, type: string, request: SimRequest): SimReply =>
  each(portal, inputsOf<BatchInput>(request, LIMITS.batchInputs), 200, (input) => {
    const by = input.idProperty
    if (by === undefined || portal.table(type).definitions.get(by)?.hasUniqueValue !== true)
      return invalid(`idProperty must be a unique property`)
    const row = rowOf(portal, type, input)
    if (row !== undefined) return { ...changed(portal, type, row, input), new: false }
    const properties = { ...input.properties, [by]: String(input.id) }
    return { ...makeOne(portal, type, { properties }), new: true }
  })

/** `POST …/batch/archive` */
export const batchArchive = (portal: Portal, type: string, request: SimRequest): SimReply => {
  for (const { id } of inputsOf<{ id: string }>(request, LIMITS.batchInputs)) {
    const row = findLive(portal, type, String(id), false)
    if (row !== undefined) archive(portal, type, row)
  }
  return { status: 204 }
}
