import { type Page, VendorInconsistent, VendorUnavailable } from '../contract.ts'
import { type RecordPage, recordPage } from './answers.ts'
import type { Wire } from './http.ts'
import type { ListOptions } from './portal.ts'
import { path, query, readBatch, readLinks } from './read.ts'
import type { HubSpotRecord } from './record.ts'
import { VENDOR } from './verdict.ts'
import { LIMITS } from './wire.ts'

/** Empty pages in a row that may announce a next one before we stop believing it. */
const MOST_EMPTY_PAGES = 10

/** See `HubSpot.list`. @throws HUB_VENDOR_INCONSISTENT when a page comes twice or its cursor does not advance */
export const listRecords = async function* (
  wire: Wire,
  type: string,
  options: ListOptions = {},
): AsyncGenerator<Page<HubSpotRecord>, void, undefined> {
  const { properties = [], associations = [], archived = false, limit = LIMITS.listPage } = options
  const target = (after: string | undefined, names: readonly string[]) =>
    path`/crm/v3/objects/${type}` +
    query({ limit, after, properties: names, associations, archived: archived || undefined })
  // The cursor only grows by a few characters from page to page.
  const fits = target(options.after ?? '9'.repeat(20), properties).length <= LIMITS.urlCharacters
  const cursors = new Set<string>()
  let after = options.after
  let before = new Set<string>()
  let empty = 0
  for (;;) {
    if (after !== undefined) cursors.add(after)
    const page = await wire.send({
      counts: 'list',
      method: 'GET',
      target: target(after, fits ? properties : ['hs_object_id']),
      check: recordPage(associations),
    })
    const ids = new Set(page.records.map((record) => record.id))
    empty = ids.size === 0 ? empty + 1 : 0
    const repeats = ids.size < page.records.length || page.records.some((record) => before.has(record.id))
    const stands = page.after !== undefined && cursors.has(page.after)
    if (repeats || stands || empty > MOST_EMPTY_PAGES) throw VendorInconsistent.with({ vendor: VENDOR })
    await completeLinks(wire, type, page)
    const records = fits ? page.records : await withValues(wire, type, page.records, properties, archived)
    yield { records, next: page.after }
    if (page.after === undefined) return
    after = page.after
    before = ids
  }
}

/** Reads the links of records whose inline list was cut, all of a page together. */
const completeLinks = async (wire: Wire, type: string, page: RecordPage): Promise<void> => {
  for (const [to, ids] of page.cut) {
    const links = await readLinks(wire, type, to, ids)
    for (const record of page.records) {
      const complete = links.get(record.id)
      if (complete && record.associations) record.associations[to] = complete
    }
  }
}

/** Reads the values of records whose properties are too many for an address. Records gone meanwhile are left out. */
export const withValues = async (
  wire: Wire,
  type: string,
  records: readonly HubSpotRecord[],
  properties: readonly string[],
  archived: boolean,
): Promise<HubSpotRecord[]> => {
  const ids = records.map((record) => record.id)
  const read = await readBatch(wire, type, ids, properties, { archived })
  // A reading goes on behind its page: a record that it left out would be lost.
  if (read.refused.length > 0) throw VendorUnavailable.with({ vendor: VENDOR })
  const byId = new Map(read.records.map((record) => [record.id, record]))
  return records.flatMap(({ id, associations }) => {
    const record = byId.get(id)
    return record ? [associations ? { ...record, associations } : record] : []
  })
}
