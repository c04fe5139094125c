import type { PropertyKind } from '../setup-wire.ts'
import { LIMITS, type SearchFilter, type SearchPage, type SearchRequest } from '../wire.ts'
import { invalid } from './errors.ts'
import type { Portal } from './portal.ts'
import { liveEdges, nextLink, rendered, shown } from './render.ts'
import type { Standing, Table } from './table.ts'
import { TimeIndex } from './time-index.ts'
import { instant } from './values.ts'

interface Found {
  changes: number
  rows: number[]
}

// What a search found, kept for its next pages: a page costs its own length, not the table's.
const found = new WeakMap<Table, Map<string, Found>>()
const indices = new WeakMap<Table, TimeIndex>()

/** Answers a search. Throws Refused for what HubSpot does not take. */
export const search = (portal: Portal, type: string, body: string): SearchPage => {
  if (body.length > LIMITS.searchBodyCharacters)
    invalid(`The request body may have ${LIMITS.searchBodyCharacters} characters`)
  const request = parse(body)
  const limit = request.limit ?? 10
  const offset = request.after === undefined || request.after === '' ? 0 : Number(request.after)
  if (!Number.isInteger(limit) || limit < 0 || limit > LIMITS.searchPage)
    invalid(`Limit must be between 0 and ${LIMITS.searchPage}`)
  if (!Number.isInteger(offset) || offset < 0) invalid(`after must be an integer offset`)
  if (offset + limit > LIMITS.searchWindow)
    invalid(`Paging through results past ${LIMITS.searchWindow} is not supported.`)
  const table = portal.table(type)
  checkFilters(table, request)
  const rows = matching(portal, table, request)
  const names = shown(table, request.properties ?? [])
  const end = offset + limit
  const view = lens(portal, table)
  return {
    total: rows.length,
    results: rows.slice(offset, end).map((row) => rendered(table, view(row), names)),
    ...(end < rows.length
      ? {
          paging: {
            next: { after: String(end), link: nextLink(`/crm/v3/objects/${type}/search`, String(end)) },
          },
        }
      : {}),
  }
}

const parse = (body: string): SearchRequest => {
  try {
    return JSON.parse(body === '' ? '{}' : body) as SearchRequest
  } catch {
    return invalid('Invalid input JSON')
  }
}

// A row as the index shows it.
const lens = (portal: Portal, table: Table): ((row: number) => Standing) => {
  const { indexLagMs } = portal.behaviour
  const now = portal.indexTime()
  return (row) => table.standingAs(row, table.indexed(row, now, indexLagMs))
}

const checkFilters = (table: Table, request: SearchRequest): void => {
  const groups = request.filterGroups ?? []
  const filters = groups.flatMap((group) => group.filters ?? [])
  if (groups.length > LIMITS.searchFilterGroups) invalid(`At most ${LIMITS.searchFilterGroups} filter groups`)
  if (groups.some((group) => (group.filters ?? []).length > LIMITS.searchFiltersPerGroup))
    invalid(`At most ${LIMITS.searchFiltersPerGroup} filters in a group`)
  if (filters.length > LIMITS.searchFilters) invalid(`At most ${LIMITS.searchFilters} filters`)
  if ((request.sorts ?? []).length > 1) invalid('At most one sort')
  for (const { propertyName, operator } of filters) {
    if (!propertyName.startsWith('associations.') && !table.definitions.has(propertyName))
      invalid(`There was a problem with the request: property ${propertyName} does not exist`)
    if (!(operator in TESTS)) invalid(`Invalid operator ${operator}`)
  }
}

const matching = (portal: Portal, table: Table, request: SearchRequest): number[] => {
  const cache = found.get(table) ?? new Map<string, Found>()
  found.set(table, cache)
  const { filterGroups, sorts, query } = request
  const key = JSON.stringify([filterGroups, sorts, query])
  const old = cache.get(key)
  const lagging = portal.behaviour.indexLagMs > 0
  if (!lagging && old?.changes === table.changes) return old.rows
  const rows = sorted(portal, table, select(portal, table, request), request)
  if (cache.size > 8) cache.clear()
  if (!lagging) cache.set(key, { changes: table.changes, rows })
  return rows
}

const select = (portal: Portal, table: Table, request: SearchRequest): number[] => {
  const { indexLagMs } = portal.behaviour
  const now = portal.indexTime()
  const view = lens(portal, table)
  const groups = request.filterGroups ?? []
  const words = request.query?.toLowerCase()
  return candidates(table, groups.length === 1 ? (groups[0]?.filters ?? []) : []).filter((row) => {
    const version = table.indexed(row, now, indexLagMs)
    if (!table.isIndexed(row, now, indexLagMs)) return false
    if (version !== undefined && (version.archivedAt !== null || version.mergedInto !== null)) return false
    if (groups.length === 0 && words === undefined) return true
    const values = cheap(portal, table, row, version?.modifiedAt, view)
    return (
      (groups.length === 0 || groups.some((g) => g.filters.every((f) => holds(portal, table, f, values)))) &&
      (words === undefined || matchesWords(view(row), words))
    )
  })
}

// The rows that can match, ascending: narrowed by modified time and id where a lone group bounds them.
const candidates = (table: Table, filters: readonly SearchFilter[]): number[] => {
  const ids = bounds(filters, 'hs_object_id')
  const [from, to] =
    ids === undefined ? [0, table.size] : [table.rowFrom(ids.low), table.rowFrom(ids.high + 1)]
  const time = bounds(filters, table.facts.modifiedProperty)
  if (time === undefined) return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
  const index = indices.get(table) ?? new TimeIndex(table)
  indices.set(table, index)
  // A changed row is in the index with the time it once had, so every changed row is looked at besides.
  const unchanged = [...index.between(time.low, time.high)].filter((row) => table.version(row) === undefined)
  return [...unchanged, ...table.changedRows()].filter((row) => row >= from && row < to).sort((a, b) => a - b)
}

const bounds = (
  filters: readonly SearchFilter[],
  name: string,
): { low: number; high: number } | undefined => {
  let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (const { propertyName, operator, value, highValue } of filters) {
    if (propertyName !== name || value === undefined) continue
    const at = instant(value)
    if (operator === 'GT' || operator === 'GTE' || operator === 'EQ' || operator === 'BETWEEN')
      low = Math.max(low, at)
    if (operator === 'LT' || operator === 'LTE' || operator === 'EQ') high = Math.min(high, at)
    if (operator === 'BETWEEN') high = Math.min(high, instant(highValue ?? value))
  }
  return low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY ? undefined : { low, high }
}

// Ids and modified times are known without making the record; everything else makes it, once.
const cheap = (
  portal: Portal,
  table: Table,
  row: number,
  modifiedAt: number | undefined,
  view: (row: number) => Standing,
): ((name: string) => string | null) => {
  let made: Standing | undefined
  const modified = table.facts.modifiedProperty
  return (name) => {
    if (name === 'hs_object_id') return table.idOf(row)
    if (name === modified) return String(modifiedAt ?? table.modifiedAt(row, undefined))
    if (name.startsWith('associations.')) {
      const to = portal.typeNamed(name.slice('associations.'.length))
      const edges = to === undefined ? [] : liveEdges(portal, table.type, row, to)
      return edges.length === 0 ? null : edges.map((edge) => portal.table(to!).idOf(edge.row)).join(';')
    }
    made ??= view(row)
    return table.value(made, name) ?? null
  }
}

const holds = (
  portal: Portal,
  table: Table,
  filter: SearchFilter,
  value: (name: string) => string | null,
): boolean => {
  const { propertyName } = filter
  const raw = value(propertyName)
  if (propertyName.startsWith('associations.')) {
    const ids = new Set(raw?.split(';'))
    return [filter.value, ...(filter.values ?? [])].some((id) => id !== undefined && ids.has(id))
  }
  const kind = table.definitions.get(propertyName)?.type
  const compare = (text: string) => comparable(kind, text)
  return TESTS[filter.operator](raw === null ? null : compare(raw), filter, compare, portal)
}

type Comparable = string | number

const comparable = (kind: PropertyKind | undefined, text: string): Comparable =>
  kind === 'number'
    ? Number(text)
    : kind === 'date' || kind === 'datetime'
      ? instant(text)
      : text.toLowerCase()

type Test = (
  value: Comparable | null,
  filter: SearchFilter,
  compare: (text: string) => Comparable,
  portal: Portal,
) => boolean

const given = (filter: SearchFilter): string => filter.value ?? ''
const tokens = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
const hasToken: Test = (value, filter) => {
  if (value === null) return false
  const own = tokens(String(value))
  return tokens(given(filter).replaceAll('*', '')).every((wanted) =>
    own.some((token) => (given(filter).includes('*') ? token.includes(wanted) : token === wanted)),
  )
}

// A record without the property answers no to every comparison, to the negative ones too.
const TESTS: Readonly<Record<SearchFilter['operator'], Test>> = {
  LT: (v, f, c) => v !== null && v < c(given(f)),
  LTE: (v, f, c) => v !== null && v <= c(given(f)),
  GT: (v, f, c) => v !== null && v > c(given(f)),
  GTE: (v, f, c) => v !== null && v >= c(given(f)),
  EQ: (v, f, c) => v !== null && v === c(given(f)),
  NEQ: (v, f, c) => v !== null && v !== c(given(f)),
  BETWEEN: (v, f, c) => v !== null && v >= c(given(f)) && v <= c(f.highValue ?? given(f)),
  IN: (v, f, c) => v !== null && (f.values ?? []).some((wanted) => c(wanted) === v),
  NOT_IN: (v, f, c) => v !== null && !(f.values ?? []).some((wanted) => c(wanted) === v),
  HAS_PROPERTY: (v) => v !== null,
  NOT_HAS_PROPERTY: (v) => v === null,
  CONTAINS_TOKEN: hasToken,
  NOT_CONTAINS_TOKEN: (v, f, c, p) => v !== null && !hasToken(v, f, c, p),
}

const matchesWords = (standing: Standing, words: string): boolean =>
  [
    'name',
    'domain',
    'email',
    'firstname',
    'lastname',
    'phone',
    'company',
    'dealname',
    'subject',
    'content',
    'hs_task_subject',
    'hs_note_body',
  ].some((name) => standing.properties[name]?.toLowerCase().includes(words))

const sorted = (portal: Portal, table: Table, rows: number[], request: SearchRequest): number[] => {
  const sort = request.sorts?.[0]
  if (sort === undefined) return rows
  const name = typeof sort === 'string' ? sort.replace(/^-/, '') : sort.propertyName
  const down = typeof sort === 'string' ? sort.startsWith('-') : sort.direction === 'DESCENDING'
  // Rows come in the order of their ids.
  if (name === 'hs_object_id') return down ? rows.reverse() : rows
  const kind = table.definitions.get(name)?.type ?? invalid(`Property ${name} does not exist`)
  const now = portal.indexTime()
  const view = lens(portal, table)
  const keyed = rows.map((row) => {
    const version = table.indexed(row, now, portal.behaviour.indexLagMs)
    const raw = cheap(portal, table, row, version?.modifiedAt, view)(name)
    return { row, key: raw === null ? null : comparable(kind, raw) }
  })
  const sign = down ? -1 : 1
  // Records without a value come last either way; equal ones keep the order of their ids.
  keyed.sort((a, b) => {
    if (a.key === b.key) return a.row - b.row
    if (a.key === null) return 1
    if (b.key === null) return -1
    return a.key < b.key ? -sign : sign
  })
  return keyed.map((entry) => entry.row)
}
