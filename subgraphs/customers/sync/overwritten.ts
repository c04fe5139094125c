import type { HubSpot } from '#connectors/hubspot/index.ts'
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
      const [ours, before] = histories.get(externalId)?.[field] ?? []
      // Whoever has written after us is read anyway.
      if (!ours || !before || ours.value !== (textOf(to) ?? '')) return []
      const known = [textOf(from) ?? '', ours.value]
      return known.includes(before.value)
        ? []
        : [{ id, field, value: before.value === '' ? null : before.value }]
    }),
  )
}
