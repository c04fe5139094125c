import { event } from '#schema/events.ts'
import type { CatalogChange } from './catalog.ts'
import type { PausedField } from './reading.ts'

/** More changes than this at once are counted, not told one by one. */
const MOST_TOLD = 100

/** Tells others what became of a portal's properties. */
export const catalogChanged = (
  integrationId: string,
  objectType: string,
  changes: readonly CatalogChange[],
  at: Date,
) =>
  event('customers.catalog.changed', integrationId, {
    integrationId,
    objectType,
    total: changes.length,
    changes: changes
      .slice(0, MOST_TOLD)
      .map(({ property, change, was, becomes }) => ({ property, change, was, becomes })),
    observedAt: at.toISOString(),
  })

/** Tells others that a portal's mapping is another, or that fields of it wait or go on. */
export const mappingChanged = (
  integrationId: string,
  objectType: string,
  version: number,
  what: {
    paused: Readonly<Record<string, PausedField>>
    newlyPaused: readonly string[]
    resumed: readonly string[]
    changed?: readonly string[]
  },
  at: Date,
) =>
  event('customers.mapping.changed', integrationId, {
    integrationId,
    objectType,
    version,
    changed: [...(what.changed ?? [])],
    paused: what.newlyPaused.map((field) => {
      const { code, property } = what.paused[field]!
      return { field, code, property }
    }),
    resumed: [...what.resumed],
    observedAt: at.toISOString(),
  })
