import * as z from 'zod'
import type { HubSpotLink, HubSpotRecord } from './record.ts'

/**
 * Reads HubSpot's answers loosely: what we rely on must be there, the rest may come and go.
 * A check that throws makes the answer count as none, so it is asked again and nothing is stored of it.
 */
const paging = z.object({ next: z.object({ after: z.coerce.string() }).optional() }).optional()
const pageEnvelope = z.object({ results: z.array(z.unknown()), paging, total: z.number().optional() })

export interface RecordPage {
  records: HubSpotRecord[]
  /** Inline lists that were cut, per requested type: ids of the records they belong to. */
  cut: Map<string, string[]>
  after: string | undefined
  total: number
}

/** Checks a page of records, its inline lists included. @param to types whose links were asked for */
export const recordPage =
  (to: readonly string[] = []) =>
  (body: unknown): RecordPage => {
    const page = pageEnvelope.parse(body)
    const cut = new Map<string, string[]>()
    const records = page.results.map((raw) => readRecord(raw, to, cut))
    const after = page.paging?.next?.after
    const total = page.total ?? (after === undefined ? records.length : Number.POSITIVE_INFINITY)
    return { records, cut, after, total }
  }

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const idOf = (value: unknown): string => {
  if (typeof value === 'string' && value !== '') return value
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value)
  throw new TypeError('a record without an id')
}

/**
 * Checks one record. By hand and not by zod: a full import reads hundreds of thousands of records with dozens of values each.
 * @param cut takes the ids of records whose inline lists were cut, per type
 */
export const readRecord = (
  raw: unknown,
  to: readonly string[] = [],
  cut: Map<string, string[]> = new Map(),
): HubSpotRecord => {
  if (!isObject(raw) || !isObject(raw.properties)) throw new TypeError('a record without properties')
  const properties: Record<string, string | null> = {}
  for (const [name, value] of Object.entries(raw.properties)) {
    if (isObject(value)) throw new TypeError('a property that is not a value')
    properties[name] = value === null || value === undefined ? null : String(value)
  }
  const { createdAt, updatedAt, archivedAt } = raw
  if (typeof createdAt !== 'string' || typeof updatedAt !== 'string')
    throw new TypeError('a record without its instants')
  const record: HubSpotRecord = {
    id: idOf(raw.id),
    properties,
    createdAt,
    updatedAt,
    archived: raw.archived === true,
  }
  if (typeof archivedAt === 'string') record.archivedAt = archivedAt
  if (to.length > 0) record.associations = readInline(raw.associations, record.id, to, cut)
  return record
}

const PRIMARY = /^(contact|deal|ticket)_to_company$|^company_to_(contact|deal|ticket)$/

const inlineList = z.object({
  results: z.array(z.object({ id: z.coerce.string(), type: z.string() })),
  paging,
})

const readInline = (
  raw: unknown,
  id: string,
  to: readonly string[],
  cut: Map<string, string[]>,
): Record<string, HubSpotLink[]> => {
  const lists = isObject(raw) ? raw : {}
  const links: Record<string, HubSpotLink[]> = {}
  for (const type of to) {
    const list = lists[type] === undefined ? undefined : inlineList.parse(lists[type])
    if (list?.paging?.next) cut.set(type, [...(cut.get(type) ?? []), id])
    const byId = new Map<string, HubSpotLink>()
    for (const each of list?.results ?? []) {
      // The same pair comes once per association type; `contact_to_company` without a suffix is the primary company.
      const primary = PRIMARY.test(each.type)
      const known = byId.get(each.id)
      if (known) known.primary ||= primary
      else byId.set(each.id, { id: each.id, primary, labels: [] })
    }
    links[type] = [...byId.values()]
  }
  return links
}

const missing = z.array(
  z.object({
    category: z.string(),
    context: z.record(z.string(), z.array(z.string())).optional(),
  }),
)
const batchEnvelope = z.object({ results: z.array(z.unknown()), errors: missing.optional() })

/** What a batch read answered. */
export interface BatchRead {
  records: HubSpotRecord[]
  /** Records that are there but were not given, with HubSpot's word for why. */
  refused: { id: string; category: string }[]
}

/**
 * Checks a batch read. What is not there is found by comparing with what was asked; an error about records that it names fails those
 * alone, and one that names none makes it no answer.
 */
export const batchRead = (body: unknown): BatchRead => {
  const answer = batchEnvelope.parse(body)
  const refused = (answer.errors ?? [])
    .filter((each) => each.category !== 'OBJECT_NOT_FOUND')
    .flatMap(({ category, context }) => {
      const ids = context?.ids ?? context?.id ?? []
      if (ids.length === 0) throw new TypeError(`batch read: ${category}`)
      return ids.map((id) => ({ id, category }))
    })
  return { records: answer.results.map((raw) => readRecord(raw)), refused }
}

const linksEnvelope = z.object({
  results: z.array(
    z.object({
      from: z.object({ id: z.coerce.string() }),
      to: z.array(
        z.object({
          toObjectId: z.string(),
          associationTypes: z
            .array(z.object({ typeId: z.number(), label: z.string().nullish() }))
            .default([]),
        }),
      ),
      paging,
    }),
  ),
  errors: missing.optional(),
})

export interface LinkPage {
  links: Map<string, HubSpotLink[]>
  /** Where to go on, for records with more links than one answer holds. */
  rest: { id: string; after: string }[]
}

/**
 * Checks an association batch read. Records without links come as errors that are none;
 * any other error makes it no answer, because an edge that merely was not read must not look removed.
 */
export const linkPage =
  (primaryTypeId: number | undefined) =>
  (body: unknown): LinkPage => {
    const answer = linksEnvelope.parse(body)
    const other = answer.errors?.find((each) => each.category !== 'OBJECT_NOT_FOUND')
    if (other) throw new TypeError(`association read: ${other.category}`)
    const links = new Map<string, HubSpotLink[]>()
    const rest: LinkPage['rest'] = []
    for (const { from, to, paging: more } of answer.results) {
      links.set(from.id, [
        ...(links.get(from.id) ?? []),
        ...to.map(({ toObjectId, associationTypes: types }) => ({
          id: toObjectId,
          primary: types.some((each) => each.typeId === primaryTypeId),
          labels: types.flatMap(({ label, typeId }) => (label && typeId !== primaryTypeId ? [label] : [])),
        })),
      ])
      if (more?.next) rest.push({ id: from.id, after: more.next.after })
    }
    return { links, rest }
  }
