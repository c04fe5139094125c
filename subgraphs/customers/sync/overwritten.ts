import { callsToReadHistory, type HubSpot } from '#connectors/hubspot/index.ts'
import type { Overwritten, Write } from '#sync/sink.ts'
import { isLinkField } from '../domain/links.ts'
import { textOf } from './written-text.ts'

/**
 * What writes have written over without its having been seen, as HubSpot's own history of the properties tells: before the value
 * that we have written comes another than the one that we knew. Of links it keeps none. A request per 50 records.
 */
export const overwrittenBy = async (
  hubspot: HubSpot,
  type: string,
  writes: readonly Write[],
): Promise<Overwritten[]> => {
  const properties = [
    ...new Set(writes.flatMap(({ fields }) => Object.keys(fields).filter((field) => !isLinkField(field)))),
  ]
  if (properties.length === 0) return []
  const ids = writes.flatMap(({ externalId }) => externalId ?? [])
  const histories = await hubspot.readHistory(type, ids, properties)
  return writes.flatMap(({ id, externalId = '', fields }) =>
    Object.entries(fields).flatMap(([field, { from, to }]): Overwritten[] => {
      const [ours, last, ...older] = histories.get(externalId)?.[field] ?? []
      // A lifecycle stage is taken away before it goes back: that was us too.
      const isCleared = last?.value === '' && last.sourceId !== null && last.sourceId === ours?.sourceId
      const before = isCleared ? older[0] : last
      // Whoever has written after us is read anyway.
      if (!ours || !before || ours.value !== (textOf(to) ?? '')) return []
      const known = [textOf(from) ?? '', ours.value]
      return known.includes(before.value)
        ? []
        : [{ id, field, value: before.value === '' ? null : before.value }]
    }),
  )
}

/** How many requests `overwrittenBy` makes for writes. */
export const callsToLookBehind = (writes: readonly Write[]): number => {
  const isAsked = writes.some(({ fields }) => Object.keys(fields).some((field) => !isLinkField(field)))
  return isAsked ? callsToReadHistory(new Set(writes.map(({ externalId }) => externalId)).size) : 0
}
