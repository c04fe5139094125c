import type { SimReply, SimRequest } from '#connectors/simulator/index.ts'
import { type BatchError, type BatchReadRequest, type CrmRecord, LIMITS, type ObjectWrite } from '../wire.ts'
import { inputsOf, jsonBody } from './asking.ts'
import { batchReply } from './batch-answer.ts'
import { asBatchError, conflict, invalid, notFound, Refused } from './errors.ts'
import { findLive } from './find.ts'
import { prepareOne } from './objects.ts'
import type { Portal } from './portal.ts'
import { historyOf, rendered, shown } from './render.ts'
import type { Table } from './table.ts'
import { archive, prepareUpdate } from './write.ts'

/** `POST /crm/v3/objects/{t}/batch/read`: merged ids are missing here, unlike in a single read. */
export const batchRead = (portal: Portal, type: string, request: SimRequest): SimReply => {
  const { properties = [], propertiesWithHistory = [], idProperty } = jsonBody<BatchReadRequest>(request)
  const inputs = inputsOf<{ id: string }>(
    request,
    propertiesWithHistory.length > 0 ? LIMITS.historyInputs : LIMITS.batchInputs,
  )
  const table = portal.table(type)
  const names = shown(table, [...properties, ...propertiesWithHistory])
  const byOther = idProperty !== undefined && idProperty !== 'hs_object_id'
  if (byOther) requireUnique(portal, type, idProperty)
  const wantsArchived = request.query.get('archived') === 'true'
  const missing: string[] = []
  const results: CrmRecord[] = []
  for (const id of new Set(inputs.map((input) => String(input.id)))) {
    const row = wantsArchived
      ? archivedRow(table, id)
      : byOther
        ? table.rowBy(idProperty, id)
        : findLive(portal, type, id, false)
    if (row === undefined) missing.push(id)
    else {
      const standing = table.standing(row)
      const history = historyOf(table, standing, propertiesWithHistory)
      results.push({ ...rendered(table, standing, names), ...history })
    }
  }
  return batchReply(portal, results, missing.length === 0 ? [] : [notGot(portal, type, missing)], 200)
}

const archivedRow = (table: Table, id: string): number | undefined => {
  const row = table.rowOf(id)
  return row !== undefined && table.version(row)?.archivedAt != null ? row : undefined
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
type Written = CrmRecord & { new?: boolean }

// Rows fail one by one only when each carries a trace id; without, one bad row fails the batch, as HubSpot has it: then all are
// checked before the first is written.
const each = (
  portal: Portal,
  type: string,
  inputs: readonly BatchInput[],
  success: 200 | 201,
  prepare: (input: BatchInput) => () => Written,
): SimReply => {
  if (!inputs.every((input) => input.objectWriteTraceId !== undefined)) {
    refuseTwins(portal, type, inputs)
    const writes = inputs.map((input) => [input, prepare(input)] as const)
    const results = writes.map(([input, write]) => ({ ...write(), ...traceOf(input) }))
    return batchReply(portal, results, [], success)
  }
  const results: Written[] = []
  const errors: BatchError[] = []
  for (const input of inputs)
    try {
      results.push({ ...prepare(input)(), ...traceOf(input) })
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      errors.push(asBatchError(error, { objectWriteTraceId: [input.objectWriteTraceId!] }))
    }
  return batchReply(portal, results, errors, success)
}

const traceOf = (input: BatchInput) =>
  input.objectWriteTraceId === undefined ? {} : { objectWriteTraceId: input.objectWriteTraceId }

// Two rows of one batch may not take the same value of a unique property either.
const refuseTwins = (portal: Portal, type: string, inputs: readonly BatchInput[]): void => {
  const taken = new Set<string>()
  for (const { properties = {} } of inputs)
    for (const [name, value] of Object.entries(properties)) {
      if (!value || portal.table(type).definitions.get(name)?.hasUniqueValue !== true) continue
      const key = `${name} ${value.toLowerCase()}`
      if (taken.has(key)) conflict(`Two inputs have the same value of the unique property ${name}: ${value}`)
      taken.add(key)
    }
}

// Words seen in the wild: HubSpot refuses a batch that means the same record twice, whole.
const refuseRepeated = (inputs: readonly BatchInput[]): void => {
  const ids = inputs.map((input) => String(input.id))
  const repeated = [...new Set(ids.filter((id, i) => ids.indexOf(id) < i))]
  if (repeated.length > 0)
    invalid(`Duplicate IDs found in batch input: [${repeated.join(', ')}]. IDs must be unique`)
}

/** `POST …/batch/create` */
export const batchCreate = (portal: Portal, type: string, request: SimRequest): SimReply =>
  each(portal, type, inputsOf<BatchInput>(request, LIMITS.batchInputs), 201, (input) =>
    prepareOne(portal, type, input),
  )

const rowOf = (portal: Portal, type: string, { id, idProperty }: BatchInput): number | undefined => {
  if (idProperty === undefined) return findLive(portal, type, String(id), false)
  requireUnique(portal, type, idProperty)
  return portal.table(type).rowBy(idProperty, String(id))
}

const requireUnique = (portal: Portal, type: string, name: string): void => {
  if (name === 'hs_object_id' || portal.table(type).definitions.get(name)?.hasUniqueValue !== true)
    invalid(
      `Unable to perform update/upsert by non-unique ${portal.factsOf(type).typeId} property ${name} in portal ID ${portal.id}`,
    )
}

const prepareChange = (portal: Portal, type: string, row: number, input: BatchInput): (() => CrmRecord) => {
  const table = portal.table(type)
  const change = prepareUpdate(portal, type, row, input.properties ?? {})
  return () => {
    change()
    return rendered(table, table.standing(row), shown(table, Object.keys(input.properties ?? {})))
  }
}

/** `POST …/batch/update` */
export const batchUpdate = (portal: Portal, type: string, request: SimRequest): SimReply => {
  const inputs = inputsOf<BatchInput>(request, LIMITS.batchInputs)
  refuseRepeated(inputs)
  return each(portal, type, inputs, 200, (input) => {
    const row =
      rowOf(portal, type, input) ?? notFound(notGot(portal, type, []).message, { ids: [String(input.id)] })
    return prepareChange(portal, type, row, input)
  })
}

/** `POST …/batch/upsert` */
export const batchUpsert = (portal: Portal, type: string, request: SimRequest): SimReply => {
  const inputs = inputsOf<BatchInput>(request, LIMITS.batchInputs)
  refuseRepeated(inputs)
  return each(portal, type, inputs, 200, (input) => {
    const by = input.idProperty ?? invalid('idProperty is required for an upsert')
    const row = rowOf(portal, type, input)
    if (row !== undefined) {
      const change = prepareChange(portal, type, row, input)
      return () => ({ ...change(), new: false })
    }
    const make = prepareOne(portal, type, { properties: { ...input.properties, [by]: String(input.id) } })
    return () => ({ ...make(), new: true })
  })
}

/** `POST …/batch/archive` */
export const batchArchive = (portal: Portal, type: string, request: SimRequest): SimReply => {
  for (const { id } of inputsOf<{ id: string }>(request, LIMITS.batchInputs)) {
    const row = findLive(portal, type, String(id), false)
    if (row !== undefined) archive(portal, type, row)
  }
  return { status: 204 }
}
