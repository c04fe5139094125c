import type { PropertyVersion } from '../wire.ts'
import type { Source } from './happening.ts'
import type { Standing, Table } from './table.ts'
import type { Values } from './values.ts'

/** As many as HubSpot keeps of a company's property. */
const KEPT = 20

/** What properties were before, of rows that were changed. */
export class History {
  readonly #kept = new Map<number, Map<string, PropertyVersion[]>>()

  /** Newest first. */
  of(row: number, name: string): readonly PropertyVersion[] {
    return this.#kept.get(row)?.get(name) ?? []
  }

  /** @param before what the row held until `at`, and since when; undefined for one that is made */
  note(
    row: number,
    values: Values,
    at: number,
    source: Source,
    before?: Pick<Standing, 'properties'> & { since: number },
  ): void {
    const kept = this.#kept.get(row) ?? new Map<string, PropertyVersion[]>()
    this.#kept.set(row, kept)
    for (const [name, value] of Object.entries(values)) {
      const old = before?.properties[name] ?? null
      if (value === old) continue
      const list = kept.get(name) ?? (before && old !== null ? [version(old, before.since)] : [])
      list.push(version(value, at, source))
      // A test may play a change of yesterday.
      list.sort((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp))
      kept.set(name, list.slice(0, KEPT))
    }
  }
}

const version = (value: string | null, at: number, source?: Source): PropertyVersion => ({
  value: value ?? '',
  timestamp: new Date(at).toISOString(),
  sourceType: source?.changeSource ?? 'CRM_UI',
  ...(source ? { sourceId: source.sourceId } : {}),
})

/** The values a property of a row has had, newest first. */
export const versionsOf = (table: Table, standing: Standing, name: string): PropertyVersion[] => {
  const kept = table.history.of(standing.row, name)
  const value = table.value(standing, name) ?? ''
  if (kept[0]?.value === value) return [...kept]
  // Of what was never changed HubSpot knows the first value; what a merge or HubSpot itself put there came with the last change.
  const isChanged = kept.length > 0 || table.version(standing.row)?.properties[name] !== undefined
  const since = isChanged ? Date.parse(standing.modified) : table.generatedAt(standing)
  return [version(value, since), ...kept]
}
