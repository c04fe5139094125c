import * as z from 'zod'
import type { Wire } from './http.ts'
import { chunks, path } from './read.ts'
import { LIMITS } from './wire.ts'

/** A value that a property had, and since when. */
export interface HubSpotVersion {
  /** The empty text where it was taken away. */
  value: string
  /** ISO 8601, by HubSpot's clock. */
  timestamp: string
  /** What set it: `CRM_UI`, `INTEGRATION`, `API`, `IMPORT`, `AUTOMATION_PLATFORM`, …: an open set. */
  sourceType: string
  /** Who, within the source: `userId:…`, or the id of an app. Null when HubSpot does not say. */
  sourceId: string | null
}

/** By property. A property that the portal does not have is absent. */
export type HubSpotHistory = Record<string, HubSpotVersion[]>

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null)
const version = z.object({
  value: text.transform((value) => value ?? ''),
  timestamp: z.string(),
  sourceType: z.string().catch('UNKNOWN'),
  sourceId: text,
})
const page = z.object({
  results: z.array(
    z.object({
      id: z.coerce.string(),
      propertiesWithHistory: z.record(z.string(), z.array(version)).default({}),
    }),
  ),
})

/** How many requests reading the history of so many records takes. */
export const callsToReadHistory = (records: number): number => Math.ceil(records / LIMITS.historyInputs)

/** See `HubSpot.readHistory`. */
export const readHistory = async (
  wire: Wire,
  type: string,
  ids: readonly string[],
  properties: readonly string[],
): Promise<Map<string, HubSpotHistory>> => {
  if (properties.length === 0) return new Map()
  const pages = await Promise.all(
    chunks([...new Set(ids)], LIMITS.historyInputs).map((chunk) =>
      wire.send({
        counts: 'read',
        method: 'POST',
        target: path`/crm/v3/objects/${type}/batch/read`,
        body: {
          properties: [],
          propertiesWithHistory: properties,
          inputs: chunk.map((id) => ({ id })),
        },
        check: (body) => page.parse(body),
      }),
    ),
  )
  return new Map(
    pages.flatMap(({ results }) =>
      results.map((record) => [record.id, newestFirst(record.propertiesWithHistory)] as const),
    ),
  )
}

const newestFirst = (history: HubSpotHistory): HubSpotHistory =>
  Object.fromEntries(
    Object.entries(history).map(([name, versions]) => [
      name,
      versions.toSorted((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp)),
    ]),
  )
