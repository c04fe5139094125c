import { BadInput } from '#kernel/errors.ts'
import { VendorInconsistent } from '../contract.ts'
import type { Wire } from './http.ts'
import { withValues } from './list.ts'
import type { ChangesOptions } from './portal.ts'
import { searchPage } from './read.ts'
import type { HubSpotChanges, HubSpotCheckpoint, HubSpotFilter, HubSpotRecord } from './record.ts'
import { VENDOR } from './verdict.ts'
import { LIMITS, OBJECT_TYPE_FACTS, type ObjectType } from './wire.ts'

/**
 * Reading what changed through a search that shows 10,000 rows at most, sorts by one property and lags behind.
 * - *window*: `floor` … `until`, read by modified time. After each page the floor rises to the page's end, so that a row leaving the
 *   window (changed again meanwhile) cannot push another one past us, as it would with offsets.
 * - *group*: rows with one and the same modified time. A group that fills a page is read by id instead.
 * - *tail*: the rows at a page's end that the risen floor reads again. A long tail is passed by offset, while `total` proves that nothing moved.
 */

/** Rows at a page's end whose lowest time becomes the floor: a stray late one at the very end must not carry it past unread rows. */
const TAIL_ROWS = 5
/** A longer tail costs more to read again than an offset risks. */
const LONGEST_TAIL = 20

export const modifiedProperty = (type: string): string =>
  OBJECT_TYPE_FACTS[type as ObjectType]?.modifiedProperty ?? 'hs_lastmodifieddate'

interface Row {
  record: HubSpotRecord
  at: number
}

interface Pass {
  wire: Wire
  type: string
  modified: string
  names: readonly string[]
  until: number
  /** What was given already of the times that may still be read again: id → modified time. */
  given: Map<string, number>
  /** Newest modified time given. */
  newest: number
}

/** See `HubSpot.changedSince`. @throws HUB_VENDOR_INCONSISTENT when the rows' order leaves no safe place to go on from */
export const readChanges = async function* (
  wire: Wire,
  type: string,
  options: ChangesOptions,
): AsyncGenerator<HubSpotChanges, void, undefined> {
  const until = options.until?.getTime() ?? Number.POSITIVE_INFINITY
  const modified = modifiedProperty(type)
  const names = [...new Set([...(options.properties ?? []), modified])]
  const start = options.after === undefined ? options : readPlace(options.after)
  const from = start.since.getTime()
  const pass: Pass = { wire, type, modified, names, until, given: new Map(), newest: from }
  let isOver = false
  for await (const page of readWindow(pass, from, start.afterId)) {
    isOver = page.next === undefined
    yield page
  }
  if (!isOver) yield lastPage(pass, [])
}

const readWindow = async function* (pass: Pass, since: number, afterId: string | undefined) {
  let floor = since
  let group = afterId
  while (floor <= pass.until) {
    if (group !== undefined) {
      yield* readGroup(pass, floor, group)
      group = undefined
      floor += 1
      forget(pass, floor)
      continue
    }
    const end = yield* readToGroup(pass, floor)
    if (end === undefined) return
    floor = end
    group = '0'
  }
}

/**
 * Reads by time until the window ends, or to a group that fills a page or that no offset gets past.
 * @returns the group's time: everything earlier has been given
 */
const readToGroup = async function* (
  pass: Pass,
  from: number,
): AsyncGenerator<HubSpotChanges, number | undefined> {
  let floor = from
  let offset = 0
  let total: number | undefined
  // The latest floor that is known to be safe, for when rows turn out to have moved under an offset.
  let safe = from
  for (;;) {
    const page = await search(pass, timeFilters(pass, floor), pass.modified, offset)
    if (offset > 0 && page.total !== total) {
      if (safe === floor) return floor
      floor = safe
      offset = 0
      continue
    }
    total = page.total
    const isLast = page.rows.length === 0 || offset + page.rows.length >= page.total
    const times = page.rows.map((row) => row.at)
    if (!isLast && times.every((at) => at === times[0]) && times[0] !== undefined && times[0] <= pass.until)
      return times[0]
    const records = await take(pass, floor, pass.until, page)
    if (isLast) {
      yield lastPage(pass, records)
      return undefined
    }
    const end = Math.min(...times.slice(-TAIL_ROWS))
    if (end > safe && end <= pass.until) safe = end
    if (records.length > 0) yield changes(records, safe)
    const tail = times.filter((at) => at >= safe).length
    if (safe > floor && (tail <= LONGEST_TAIL || offset + 2 * LIMITS.searchPage > LIMITS.searchWindow)) {
      floor = safe
      offset = 0
      forget(pass, floor)
      continue
    }
    offset += page.rows.length
    if (offset + LIMITS.searchPage > LIMITS.searchWindow) return floor
  }
}

/** Reads all rows modified exactly at `at`, by id. */
const readGroup = async function* (pass: Pass, at: number, from: string): AsyncGenerator<HubSpotChanges> {
  let after = from
  for (;;) {
    const filters = [
      { propertyName: pass.modified, operator: 'EQ', value: String(at) },
      { propertyName: 'hs_object_id', operator: 'GT', value: after },
    ]
    const page = await search(pass, filters, 'hs_object_id', 0)
    const highest = page.rows.reduce((id, row) => (isHigher(row.record.id, id) ? row.record.id : id), after)
    const records = await take(pass, at, at, page, true)
    const isLast = page.rows.length === 0 || page.rows.length >= page.total
    if (records.length > 0) yield changes(records, at, isLast ? undefined : highest)
    if (isLast) return
    if (highest === after) throw VendorInconsistent.with({ vendor: VENDOR })
    after = highest
  }
}

const timeFilters = (pass: Pass, floor: number): HubSpotFilter[] => [
  { propertyName: pass.modified, operator: 'GTE', value: String(floor) },
  ...(Number.isFinite(pass.until)
    ? [{ propertyName: pass.modified, operator: 'LTE', value: String(pass.until) }]
    : []),
]

const search = async (pass: Pass, filters: HubSpotFilter[], sort: string, offset: number) => {
  const page = await searchPage(pass.wire, pass.type, {
    filterGroups: [{ filters }],
    sorts: [{ propertyName: sort, direction: 'ASCENDING' }],
    properties: pass.names,
    ...(offset > 0 ? { after: String(offset) } : {}),
  })
  const rows: Row[] = page.records.map((record) => ({
    record,
    at: Date.parse(record.properties[pass.modified] ?? record.updatedAt),
  }))
  return { rows, total: page.total, complete: page.complete }
}

/**
 * The rows of a page that are due and were not given yet, with all their values. The index also answers with rows that have left the
 * window since: what is later than it comes with the next reading.
 */
const take = async (
  pass: Pass,
  floor: number,
  until: number,
  page: { rows: Row[]; complete: boolean },
  isGroup = false,
): Promise<HubSpotRecord[]> => {
  const fresh = page.rows.filter(
    ({ record, at }) => at >= floor && at <= until && pass.given.get(record.id) !== at,
  )
  const records = fresh.map((row) => row.record)
  const complete = page.complete
    ? records
    : await withValues(pass.wire, pass.type, records, pass.names, false)
  for (const { record, at } of fresh) {
    // A group is read by rising id, so none of it comes twice: it may be larger than what should be kept in mind.
    if (!isGroup) pass.given.set(record.id, at)
    pass.newest = Math.max(pass.newest, at)
  }
  return complete
}

const forget = (pass: Pass, floor: number): void => {
  for (const [id, at] of pass.given) if (at < floor) pass.given.delete(id)
}

const isHigher = (id: string, than: string): boolean => BigInt(id) > BigInt(than)

const lastPage = (pass: Pass, records: HubSpotRecord[]): HubSpotChanges => {
  const since = new Date(Number.isFinite(pass.until) ? pass.until : pass.newest)
  return { records, next: undefined, reached: { since } }
}

const PLACE = /^(\S+)(?: (\d+))?$/

const readPlace = (place: string): HubSpotCheckpoint => {
  const [, since = '', afterId] = PLACE.exec(place) ?? []
  const at = new Date(since)
  if (Number.isNaN(at.getTime()))
    throw BadInput.with({ field: 'after', reason: 'is not a place of this list' })
  return { since: at, afterId }
}

const changes = (records: HubSpotRecord[], since: number, afterId?: string): HubSpotChanges => {
  const reached = { since: new Date(since), ...(afterId === undefined ? {} : { afterId }) }
  return { records, next: `${reached.since.toISOString()}${afterId ? ` ${afterId}` : ''}`, reached }
}
