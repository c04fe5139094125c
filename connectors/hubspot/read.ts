import { VendorInconsistent, VendorRefused, vendorAnswer } from '../contract.ts'
import { type BatchRead, batchRead, linkPage, recordPage } from './answers.ts'
import type { Wire } from './http.ts'
import type { HubSpotLink, HubSpotRecord, HubSpotSearch } from './record.ts'
import { VENDOR } from './verdict.ts'
import { ASSOCIATION_TYPE_IDS, LIMITS } from './wire.ts'

/** A path with its names escaped. */
export const path = (parts: TemplateStringsArray, ...names: string[]): string =>
  parts.reduce((target, part, i) => target + encodeURIComponent(names[i - 1] ?? '') + part)

/** A query string. Lists are joined by commas, which HubSpot accepts and which is the shortest way to name many properties. */
export const query = (
  values: Record<string, string | number | boolean | readonly string[] | undefined>,
): string => {
  const parts = Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return []
    const text = Array.isArray(value)
      ? value.map(encodeURIComponent).join(',')
      : encodeURIComponent(String(value))
    return [`${name}=${text}`]
  })
  return parts.length === 0 ? '' : `?${parts.join('&')}`
}

/** Items in lists of at most `size`. */
export const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))

/** See `HubSpot.readBatch`. @param archived reads archived records instead of live ones */
export const readBatch = async (
  wire: Wire,
  type: string,
  ids: readonly string[],
  properties: readonly string[] = [],
  options: { idProperty?: string | undefined; archived?: boolean | undefined } = {},
): Promise<BatchRead & { missing: string[] }> => {
  const { idProperty, archived } = options
  const wanted = [...new Set(ids)]
  // The key has to come back, or we could not tell which of the asked ones are missing.
  const names = idProperty ? [...new Set([...properties, idProperty])] : properties
  const pages = await Promise.all(
    chunks(wanted, LIMITS.batchInputs).map((chunk) =>
      wire.send({
        counts: 'read',
        method: 'POST',
        target: path`/crm/v3/objects/${type}/batch/read` + query({ archived: archived || undefined }),
        body: {
          properties: names,
          propertiesWithHistory: [],
          ...(idProperty ? { idProperty } : {}),
          inputs: chunk.map((id) => ({ id })),
        },
        check: batchRead,
      }),
    ),
  )
  const asked = new Set(wanted.map(keyOf))
  const keys = (record: HubSpotRecord) =>
    keyOf(idProperty ? (record.properties[idProperty] ?? '') : record.id)
  const records = pages.flatMap((page) => page.records).filter((record) => asked.has(keys(record)))
  const refused = pages.flatMap((page) => page.refused).filter(({ id }) => asked.has(keyOf(id)))
  const found = new Set([...records.map(keys), ...refused.map(({ id }) => keyOf(id))])
  return { records, refused, missing: wanted.filter((id) => !found.has(keyOf(id))) }
}

// E-mail addresses and other unique keys are compared without case by HubSpot.
const keyOf = (id: string) => id.toLowerCase()

/** See `HubSpot.get`. */
export const getRecord = async (
  wire: Wire,
  type: string,
  id: string,
  properties: readonly string[] = [],
): Promise<HubSpotRecord | undefined> => {
  try {
    return await wire.send({
      counts: 'read',
      method: 'GET',
      target: path`/crm/v3/objects/${type}/${id}` + query({ properties }),
      check: (body) => recordPage()({ results: [body] }).records[0],
    })
  } catch (error) {
    if (VendorRefused.is(error) && vendorAnswer(error)?.status === 404) return undefined
    throw error
  }
}

/** See `HubSpot.associations`. */
export const readLinks = async (
  wire: Wire,
  from: string,
  to: string,
  ids: readonly string[],
): Promise<Map<string, HubSpotLink[]>> => {
  const found = new Map<string, Map<string, HubSpotLink>>([...new Set(ids)].map((id) => [id, new Map()]))
  const primaryTypeId = ASSOCIATION_TYPE_IDS[`${from}>${to}`]?.primary
  let todo: { id: string; after?: string }[] = [...found.keys()].map((id) => ({ id }))
  const asked = new Set<string>()
  while (todo.length > 0) {
    for (const { id, after } of todo) {
      if (after === undefined) continue
      const place = `${id} ${after}`
      if (asked.has(place)) throw VendorInconsistent.with({ vendor: VENDOR })
      asked.add(place)
    }
    const pages = await Promise.all(
      chunks(todo, LIMITS.associationBatchRead).map((inputs) =>
        wire.send({
          counts: 'associations',
          method: 'POST',
          target: path`/crm/v4/associations/${from}/${to}/batch/read`,
          body: { inputs },
          check: linkPage(primaryTypeId),
          exactKey: 'toObjectId',
        }),
      ),
    )
    for (const { links } of pages)
      for (const [id, list] of links) for (const link of list) found.get(id)?.set(link.id, link)
    todo = pages.flatMap((page) => page.rest)
  }
  return new Map([...found].map(([id, links]) => [id, [...links.values()]]))
}

/** One page of a search. When the properties do not fit a search's body, they are read by id behind it. */
export const searchPage = async (wire: Wire, type: string, search: HubSpotSearch) => {
  const { properties = [], limit = LIMITS.searchPage, after, query: words, filterGroups, sorts } = search
  const bodyWith = (names: readonly string[]) => ({
    ...(filterGroups ? { filterGroups } : {}),
    ...(sorts ? { sorts } : {}),
    ...(words ? { query: words } : {}),
    ...(after ? { after } : {}),
    properties: names,
    limit,
  })
  const full = bodyWith(properties)
  const fits = JSON.stringify(full).length <= LIMITS.searchBodyCharacters
  const page = await wire.send({
    counts: 'search',
    method: 'POST',
    target: path`/crm/v3/objects/${type}/search`,
    body: fits ? full : bodyWith([]),
    check: recordPage(),
  })
  return { ...page, complete: fits }
}
