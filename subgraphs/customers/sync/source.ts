import { type HubSpot, type HubSpotRecord, RecordRefused } from '#connectors/hubspot/index.ts'
import type { Clock } from '#kernel/clock.ts'
import { isId } from '#kernel/ids.ts'
import { placeholderOf } from '#sync/links.ts'
import type { ChangesFrom, Source, SourcePage, SourceRecord, SourceType } from '#sync/source.ts'
import type { FieldValue } from '#sync/values.ts'
import { kindOf, linksOf, RECORD_TYPES, type RecordType } from '../domain/kinds.ts'
import { linkField, linksToField } from '../domain/links.ts'
import { EXTERNAL_KEY } from '../domain/own-properties.ts'
import { NEVER_TAKEN, takenIn } from '../domain/secrets.ts'
import { listOf } from '../domain/values.ts'

/** When a record changed is known beside its values: as one of them it would make every touch a change. */
const NOT_VALUES = new Set(['hs_lastmodifieddate', 'lastmodifieddate', 'hs_object_id', EXTERNAL_KEY])

/** The portal's clock may run ahead of ours; what it stamps until then belongs to this reading. */
const AHEAD_MS = 24 * 3_600_000

/** A HubSpot portal as the sync engine reads it. @param properties to read, by type @param types that may be read, links among them */
export const hubSpotSource = (
  hubspot: HubSpot,
  properties: Readonly<Record<string, readonly string[]>>,
  clock: Clock,
  types: readonly RecordType[] = RECORD_TYPES,
): Source => ({
  types: types.map((type) => {
    const links = linksOf(type).filter((to) => (types as readonly string[]).includes(to))
    return sourceType(
      hubspot,
      type,
      { properties: propertiesToRead(type, properties[type] ?? []), links },
      clock,
    )
  }),
  calls: () => hubspot.requests.total,
})

interface Wanted {
  properties: readonly string[]
  /** Types whose links are read along. */
  links: readonly string[]
}

const propertiesToRead = (type: RecordType, told: readonly string[]): string[] => {
  const { properties = told, modified } = kindOf(type)
  return [...new Set([...properties, modified, EXTERNAL_KEY])]
}

const sourceType = (hubspot: HubSpot, type: RecordType, wanted: Wanted, clock: Clock): SourceType => ({
  type,
  callsToRead: 1 + wanted.links.length,
  begin: async () => {
    const newest = await hubspot.search(type, {
      sorts: [{ propertyName: kindOf(type).modified, direction: 'DESCENDING' }],
      properties: [kindOf(type).modified],
      limit: 1,
    })
    return { watermark: newest.records[0] && modifiedAt(type, newest.records[0]), total: newest.total }
  },
  list: (after) => listPages(hubspot, type, wanted, after),
  changes: (from) => changePages(hubspot, type, wanted.properties, from, clock),
  ...(wanted.links.length > 0
    ? { complete: (records) => withLinks(hubspot, type, wanted.links, records) }
    : {}),
  archived: async function* (after) {
    for await (const page of hubspot.list(type, { archived: true, after, properties: ['hs_object_id'] }))
      yield { ids: page.records.map((record) => record.id), next: page.next }
  },
  read: async (ids, linked) => {
    const { records, missing, refused } = await hubspot.readBatch(type, ids, wanted.properties)
    const all = records.map((record) => toSource(type, record))
    const isLinked = ({ externalId }: SourceRecord) => linked?.has(externalId) ?? true
    // Each kind linked to costs a request: where nobody said that a link changed, none is made.
    const complete = await withLinks(hubspot, type, wanted.links, all.filter(isLinked))
    return {
      records: [...complete, ...all.filter((record) => !isLinked(record))],
      missing,
      refused: refused.map(({ id, category }) => ({
        externalId: id,
        error: RecordRefused.with({ vendor: 'HubSpot', reason: category }),
      })),
    }
  },
})

const listPages = async function* (
  hubspot: HubSpot,
  type: RecordType,
  { properties, links }: Wanted,
  after: string | undefined,
): AsyncGenerator<SourcePage> {
  for await (const page of hubspot.list(type, { properties, associations: links, after }))
    yield { records: page.records.map((record) => toSource(type, record)), next: page.next }
}

interface Reached {
  since: string
  afterId?: string | undefined
}

const changePages = async function* (
  hubspot: HubSpot,
  type: RecordType,
  properties: readonly string[],
  { since, after }: ChangesFrom,
  clock: Clock,
): AsyncGenerator<SourcePage> {
  const reached: Reached = after === undefined ? { since: since.toISOString() } : JSON.parse(after)
  const pages = hubspot.changedSince(type, {
    since: new Date(reached.since),
    afterId: reached.afterId,
    until: new Date(clock.now().getTime() + AHEAD_MS),
    properties,
  })
  for await (const page of pages)
    yield {
      records: page.records.map((record) => toSource(type, record)),
      next: page.next === undefined ? undefined : JSON.stringify(page.reached),
    }
}

/** Adds the links of records that came without: one request per type linked to, for up to 1,000 records. */
const withLinks = async (
  hubspot: HubSpot,
  type: RecordType,
  links: readonly string[],
  records: readonly SourceRecord[],
): Promise<SourceRecord[]> => {
  const ids = records.map((record) => record.externalId)
  const found = await Promise.all(
    (ids.length === 0 ? [] : links).map(
      async (to) => [linkField(to), await hubspot.associations(type, to, ids)] as const,
    ),
  )
  return records.map((record) => ({
    ...record,
    values: {
      ...record.values,
      ...Object.fromEntries(
        found.map(([field, held]) => [field, linksToField(held.get(record.externalId) ?? [])]),
      ),
    },
  }))
}

const modifiedAt = (type: RecordType, record: HubSpotRecord): Date => {
  const at = new Date(record.properties[kindOf(type).modified] ?? record.updatedAt)
  return Number.isNaN(at.getTime()) ? new Date(record.updatedAt) : at
}

const toSource = (type: RecordType, record: HubSpotRecord): SourceRecord => {
  const values: Record<string, FieldValue> = {}
  for (const [name, value] of Object.entries(record.properties))
    if (!NOT_VALUES.has(name) && !NEVER_TAKEN.has(name)) values[name] = takenIn(value)
  for (const to of linksOf(type)) {
    const links = record.associations?.[to]
    if (links) values[linkField(to)] = linksToField(links)
  }
  values[kindOf(type).created] ??= record.createdAt
  const key = record.properties[EXTERNAL_KEY]
  // One that we have made is what was only here before, whether or not its answer ever reached us.
  const former = key && isId(key) ? [placeholderOf(key)] : []
  const merged = listOf(record.properties.hs_merged_object_ids).filter((id) => id !== record.id)
  const mergedIds = [...merged, ...former]
  return {
    externalId: record.id,
    values,
    modifiedAt: modifiedAt(type, record),
    ...(mergedIds.length > 0 ? { mergedIds } : {}),
  }
}
