import type { NewEvent } from '#events/outbox.ts'
import { compareCatalog, type KnownProperty, mergeCatalog } from '../domain/catalog.ts'
import { MAPPED_TYPES, type MappedType } from '../domain/hub-fields.ts'
import { planReading, type ReadingPlan } from '../domain/reading.ts'
import { catalogChanged, mappingChanged } from '../domain/telling-mappings.ts'
import {
  type CatalogPlace,
  catalogOf,
  type KeptProperty,
  known,
  type PortalPropertyRow,
  writeCatalog,
  writeChanges,
} from '../store/catalog.ts'
import { lockMappings, type MappingsRow, writeMappings } from '../store/mappings.ts'
import type { Transaction } from '../store/transaction.ts'
import type { PortalSetup } from './setup.ts'

/**
 * Takes in what a portal's properties are now: keeps them, notes and tells what became of them, lets the fields wait whose
 * properties no longer fit, and goes on with those that fit again. Six statements, however many properties.
 * @returns the properties whose values are to be read, by type
 */
export const takeCatalog = async (
  tx: Transaction,
  place: CatalogPlace,
  catalog: PortalSetup['catalog'],
  at: Date,
): Promise<{ properties: Record<string, string[]>; events: NewEvent[] }> => {
  const rows = await catalogOf(tx, place)
  const mappings = await lockMappings(tx, place, MAPPED_TYPES, at)
  const types = [...catalog].map(([type, now]) => {
    const before = rows.get(type) ?? []
    const merged = mergeCatalog(known(before), now)
    const mapping = mappings.find((each) => each.type === type)
    const plan = planReading(type, mapping?.fields ?? {}, merged, standing(before, mapping), at)
    // A portal met for the first time has changed in nothing.
    const changes = before.length === 0 ? [] : compareCatalog(known(before), now)
    return { type, before, merged, mapping, plan, changes }
  })
  await writeCatalog(
    tx,
    place,
    types.flatMap(({ type, before, merged, plan }) => differing(type, before, merged, plan)),
    at,
  )
  await writeChanges(
    tx,
    place,
    types.flatMap(({ type, changes }) => changes.map((change) => ({ ...change, type }))),
    at,
  )
  // What is read for the first time is listed anyway.
  const moved = types.filter(
    ({ before, plan }) =>
      plan.newlyPaused.length + plan.resumed.length > 0 || (before.length > 0 && plan.readsAgain),
  )
  await writeMappings(
    tx,
    place,
    moved.map(({ type, mapping, plan }) => ({
      type: type as MappedType,
      version: mapping?.version ?? 1,
      fields: mapping?.fields ?? {},
      paused: plan.paused,
      relist: plan.readsAgain,
      updated_by: mapping?.updated_by ?? null,
    })),
    at,
  )
  return {
    properties: Object.fromEntries(types.map(({ type, plan }) => [type, plan.read])),
    events: [
      ...types
        .filter(({ changes }) => changes.length > 0)
        .map(({ type, changes }) => catalogChanged(place.integrationId, type, changes, at)),
      ...moved
        .filter(({ plan }) => plan.newlyPaused.length + plan.resumed.length > 0)
        .map(({ type, mapping, plan }) =>
          mappingChanged(place.integrationId, type, mapping?.version ?? 1, plan, at),
        ),
    ],
  }
}

const standing = (before: readonly PortalPropertyRow[], mapping: MappingsRow | undefined) => ({
  wasRead: new Set(before.filter((row) => row.is_read).map((row) => row.name)),
  paused: mapping?.paused ?? {},
})

/** What has to be written: most readings find nothing new. */
const differing = (
  type: string,
  before: readonly PortalPropertyRow[],
  merged: ReadonlyMap<string, KnownProperty>,
  plan: ReadingPlan,
): KeptProperty[] => {
  const was = known(before)
  const wasRead = standing(before, undefined).wasRead
  const read = new Set(plan.read)
  return [...merged.values()]
    .filter(
      (each) =>
        read.has(each.name) !== wasRead.has(each.name) ||
        JSON.stringify(each, sorted) !== JSON.stringify(was.get(each.name), sorted),
    )
    .map((each) => ({ ...each, type, isRead: read.has(each.name) }))
}

/** The database gives an object's names in an order of its own. */
const sorted = (_: string, value: unknown): unknown =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value
