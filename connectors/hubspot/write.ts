import { isHubError } from '#kernel/errors.ts'
import { VendorRefused, vendorAnswer } from '../contract.ts'
import type { Wire } from './http.ts'
import { path } from './read.ts'
import { LIMITS } from './wire.ts'
import {
  errorSaid,
  type HubSpotBatch,
  type HubSpotRefusal,
  type HubSpotRow,
  type HubSpotWritten,
  namedBy,
  refusal,
  type Said,
  unwritable,
  type WrittenResult,
  writtenBatch,
} from './written.ts'

/** A row as these functions handle it: one that is to be made has no id. */
type Row = Omit<HubSpotRow, 'id'> & { id?: string }

/** How records are written: HubSpot's word for it, and the unique property they are named by instead of their ids. */
interface How {
  verb: 'create' | 'update' | 'upsert'
  type: string
  idProperty?: string | undefined
}

/** A refused batch is sent again without the rows that its answer named; so often, and not for every row of it. */
const MOST_REMAINDERS = 5

/** By API these only go forward; a step back is dropped without a word, unless the value was taken away before. */
const FORWARD_ONLY = 'lifecyclestage'

/** See `HubSpot.createBatch`. */
export const createBatch = (wire: Wire, type: string, rows: readonly Row[]): Promise<HubSpotBatch> =>
  write(wire, { verb: 'create', type }, rows)

/** See `HubSpot.updateBatch`. */
export const updateBatch = async (
  wire: Wire,
  type: string,
  rows: readonly HubSpotRow[],
): Promise<HubSpotBatch> => movedBack(wire, type, rows, await write(wire, { verb: 'update', type }, rows))

/** See `HubSpot.upsertBatch`. */
export const upsertBatch = async (
  wire: Wire,
  type: string,
  idProperty: string,
  rows: readonly HubSpotRow[],
): Promise<HubSpotBatch> =>
  movedBack(wire, type, rows, await write(wire, { verb: 'upsert', type, idProperty }, rows))

/** See `HubSpot.archiveBatch`. */
export const archiveBatch = async (wire: Wire, type: string, ids: readonly string[]): Promise<void> => {
  let left = [...new Set(ids)]
  refuseTooMany(left)
  for (let tries = 0; left.length > 0; tries++)
    try {
      return await wire.send({
        counts: 'write',
        method: 'POST',
        target: path`/crm/v3/objects/${type}/batch/archive`,
        body: { inputs: left.map((id) => ({ id })) },
        write: true,
        empty: undefined,
        check: () => undefined,
      })
    } catch (error) {
      // What is not there needs no archiving.
      if (!VendorRefused.is(error) || vendorAnswer(error)?.status !== 404) throw error
      const named = namedBy(errorSaid(vendorAnswer(error)?.body), ['id', 'ids'])
      const gone = left.length === 1 ? left : left.filter((id) => named.has(id))
      if (gone.length === 0 || tries === MOST_REMAINDERS) throw error
      left = left.filter((id) => !gone.includes(id))
    }
}

const refuseTooMany = (rows: readonly unknown[]): void => {
  if (rows.length > LIMITS.batchInputs)
    throw new RangeError(`${rows.length} rows: HubSpot writes at most ${LIMITS.batchInputs} at a time`)
}

/** Writes rows, and after a refusal of the whole batch those that it was not about. */
const write = async (wire: Wire, how: How, rows: readonly Row[]): Promise<HubSpotBatch> => {
  refuseTooMany(rows)
  const ids = rows.flatMap(({ id }) => id ?? [])
  // HubSpot would refuse the batch, whole, in words that name no row.
  if (new Set(ids).size < ids.length) throw new RangeError('a batch may mean a record once')
  const refused: HubSpotRefusal[] = []
  let written: HubSpotWritten[] = []
  let left = rows
  for (let tries = 0; left.length > 0; tries++)
    try {
      const answer = await send(wire, how, left)
      written = answer.written
      refused.push(...answer.refused)
      left = []
    } catch (error) {
      const named = VendorRefused.is(error) && tries < MOST_REMAINDERS ? refusedWhole(error, left) : []
      if (named.length === 0) throw error
      refused.push(...named)
      left = left.filter(({ trace }) => !named.some((one) => one.trace === trace))
    }
  return inOrder(rows, { written, refused })
}

const inOrder = (rows: readonly Row[], { written, refused }: HubSpotBatch): HubSpotBatch => {
  const places = new Map(rows.map(({ trace }, i) => [trace, i]))
  const before = (a: { trace: string }, b: { trace: string }) => places.get(a.trace)! - places.get(b.trace)!
  return { written: written.toSorted(before), refused: refused.toSorted(before) }
}

const send = async (wire: Wire, { verb, type, idProperty }: How, rows: readonly Row[]) => {
  const inputs = rows.map(({ trace, id, properties }) => ({
    ...(id === undefined ? {} : { id }),
    ...(idProperty === undefined ? {} : { idProperty }),
    // Without it one bad row would have the whole batch refused.
    objectWriteTraceId: trace,
    properties: Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, value ?? ''])),
  }))
  return await wire.send({
    counts: 'write',
    method: 'POST',
    target: path`/crm/v3/objects/${type}/batch/${verb}`,
    body: { inputs },
    write: true,
    check: (body) => settled(writtenBatch(body), rows, { verb, type, idProperty }),
  })
}

/** What an answer says became of each row. Throws when it tells of rows that nobody can tell apart: then it is no answer. */
const settled = (
  { results, errors }: { results: WrittenResult[]; errors: Said[] },
  rows: readonly Row[],
  how: How,
): HubSpotBatch => {
  const written = results.map((result): HubSpotWritten => {
    const row = rowOf(result, rows, how)
    if (!row) throw new TypeError('a result of no row')
    const { id, updatedAt, properties } = result.record
    const isNew = result.isNew ?? how.verb === 'create'
    return { trace: row.trace, id, isNew, updatedAt, properties }
  })
  const done = new Set(written.map(({ trace }) => trace))
  const open = rows.filter(({ trace }) => !done.has(trace))
  // An error that names none of the rows is about those that nothing else was said of.
  const general = errors.find((error) => !open.some((row) => isAbout(error, row)))
  const refused = open.map((row) => {
    const error = errors.find((each) => isAbout(each, row)) ?? general
    return error ? refusal(error, row.trace) : unanswered(row, how)
  })
  return { written, refused }
}

const rowOf = ({ record, trace }: WrittenResult, rows: readonly Row[], how: How): Row | undefined => {
  if (trace !== undefined) return rows.find((row) => row.trace === trace)
  if (rows.length === 1) return rows[0]
  const { idProperty } = how
  const key = how.verb === 'upsert' && idProperty ? record.properties[idProperty] : record.id
  const same = (row: Row) =>
    Object.entries(row.properties).every(([name, value]) => (record.properties[name] ?? '') === (value ?? ''))
  const fitting = how.verb === 'create' ? rows.filter(same) : rows.filter(({ id }) => id === key)
  return fitting.length === 1 ? fitting[0] : undefined
}

const isAbout = (error: Said, { trace, id }: Row): boolean =>
  namedBy(error, ['objectWriteTraceId']).has(trace) ||
  (id !== undefined && namedBy(error, ['id', 'ids']).has(id))

// Records that were merged away are left out of batches without a word.
const unanswered = ({ trace }: Row, { verb }: How): HubSpotRefusal =>
  verb === 'update'
    ? {
        trace,
        category: 'OBJECT_NOT_FOUND',
        message: 'HubSpot left the record out of its answer',
        faults: [],
      }
    : { trace, category: 'UNANSWERED', message: 'HubSpot left the row out of its answer', faults: [] }

/** The rows that the refusal of a whole batch is about; nothing of such a batch was written. */
const refusedWhole = (error: unknown, rows: readonly Row[]): HubSpotRefusal[] => {
  const answer = vendorAnswer(error)
  if (answer === undefined || ![400, 404, 409].includes(answer.status)) return []
  const said = errorSaid(answer.body)
  const bad = unwritable(said)
  const named = rows.filter(
    (row) => isAbout(said, row) || bad.some((property) => Object.hasOwn(row.properties, property)),
  )
  const about = rows.length === 1 ? rows : named
  return about.map(({ trace }) => refusal(said, trace))
}

/** Moves back what HubSpot left where it was, as its answer shows: takes the value away, then sets it. */
const movedBack = async (
  wire: Wire,
  type: string,
  rows: readonly HubSpotRow[],
  { written, refused }: HubSpotBatch,
): Promise<HubSpotBatch> => {
  const wanted = new Map(rows.map(({ trace, properties }) => [trace, properties[FORWARD_ONLY]]))
  const isBehind = ({ trace, properties }: HubSpotWritten) => {
    const [want, is] = [wanted.get(trace), properties[FORWARD_ONLY]]
    return Boolean(want) && Boolean(is) && want !== is
  }
  const behind = written.filter(isBehind)
  if (behind.length === 0) return { written, refused }
  const steps = await inSteps(wire, type, behind, (trace) => wanted.get(trace) ?? null)
  const moved = new Map(steps.written.map((row) => [row.trace, row]))
  return inOrder(rows, {
    written: written.flatMap((row) => {
      if (!behind.includes(row)) return [row]
      const now = moved.get(row.trace)
      return now ? [{ ...row, ...now, properties: { ...row.properties, ...now.properties } }] : []
    }),
    refused: [...refused, ...steps.refused],
  })
}

const inSteps = async (
  wire: Wire,
  type: string,
  behind: readonly HubSpotWritten[],
  wanted: (trace: string) => string | null,
): Promise<HubSpotBatch> => {
  const move = (moving: readonly HubSpotWritten[], stageOf: (trace: string) => string | null) =>
    write(
      wire,
      { verb: 'update', type },
      moving.map(({ trace, id }) => ({ trace, id, properties: { [FORWARD_ONLY]: stageOf(trace) } })),
    )
  try {
    const cleared = await move(behind, () => null)
    const set = await move(cleared.written, wanted)
    const isNew = (trace: string) => behind.some((row) => row.trace === trace && row.isNew)
    return {
      written: set.written.map((row) => ({ ...row, isNew: isNew(row.trace) })),
      refused: [...cleared.refused, ...set.refused],
    }
  } catch (error) {
    // The rows' other values are written: an error would say of the whole batch what is true of these alone.
    if (!isHubError(error)) throw error
    const message = `${FORWARD_ONLY} was not moved back: ${error.code}`
    const refused = behind.map(({ trace }) => ({ trace, category: 'UNANSWERED', message, faults: [] }))
    return { written: [], refused }
  }
}
