import { hash, KIND, type Universe } from '#connectors/demo/index.ts'
import type { PropertyDefinition, PropertyGroup } from '../setup-wire.ts'
import { generate, generatedCount, generatedModifiedAt } from './generated.ts'
import { History } from './history.ts'
import { isGenerated, type TypeFacts } from './object-types.ts'

/**
 * Row: the number of a record within its type; generated records first, then those made since. Its id follows from it.
 * Version: what has been changed about a row, all of it. Versions are replaced, never altered, so that the search index can
 * lag behind by keeping the one before.
 */
export interface Version {
  /** Values that differ from the generated ones; all values of a row that was made since. */
  properties: Readonly<Record<string, string | null>>
  createdAt: number
  modifiedAt: number
  archivedAt: number | null
  /** The row it was merged into. */
  mergedInto: number | null
  /** Deleted for good, at the wish of the person it was about: nothing of it is shown anywhere. */
  purged?: true
}

/** A record as it stands. */
export interface Standing {
  row: number
  id: string
  properties: Record<string, string | null>
  /** Epoch milliseconds. */
  createdAt: number
  /** ISO 8601. */
  created: string
  modified: string
  archivedAt: number | null
  mergedInto: number | null
}

/** All records of one type in one portal: generated ones made on demand, changed ones as versions. */
export class Table {
  readonly type: string
  readonly facts: TypeFacts
  readonly definitions: Map<string, PropertyDefinition>
  /** Definitions that were archived: no read or write knows them, but a new one of the name brings them back. */
  readonly archivedDefinitions = new Map<string, PropertyDefinition>()
  readonly groups = new Map<string, PropertyGroup>()
  /** Properties that a list or a workflow of the portal uses, so that they cannot be archived. */
  readonly inUse = new Set<string>()
  /** Properties that an administrator wants to have a value, always or where another property has one of these values. */
  readonly wanted = new Map<string, { property: string; values: readonly string[] } | undefined>()
  /** Properties that HubSpot works out from others, of a row that was changed. */
  derive: (values: Readonly<Record<string, string | null>>) => Record<string, string | null> = () => ({})
  readonly history = new History()
  /** Counts changes, so that what was worked out from the rows can be told to be stale. */
  changes = 0
  readonly #universe: Universe
  readonly #generated: number
  #size: number
  readonly #versions = new Map<number, Version>()
  // Versions before the last change, oldest first, while the index may still show them.
  readonly #before = new Map<number, { until: number; version: Version | undefined }[]>()
  #changed: { changes: number; rows: readonly number[] } = { changes: 0, rows: [] }
  // Row by value, of properties that were asked for by value; made when first asked.
  readonly #byValue = new Map<string, Map<string, number>>()

  constructor(universe: Universe, facts: TypeFacts, definitions: Map<string, PropertyDefinition>) {
    this.type = facts.name
    // A portal may set what its types require: the facts of others stay as they are.
    this.facts = { ...facts }
    this.definitions = definitions
    this.#universe = universe
    this.#generated = isGenerated(facts.name) ? generatedCount(universe, facts.name) : 0
    this.#size = this.#generated
  }

  get size(): number {
    return this.#size
  }
  get generated(): number {
    return this.#generated
  }

  idOf = (row: number): string => this.facts.idOf(row)

  /** The row of an id, merged and archived ones included. */
  rowOf(id: string | number): number | undefined {
    const row = this.facts.rowOf(id)
    return row !== undefined && row < this.#size && !this.isPurged(row) ? row : undefined
  }
  isPurged = (row: number): boolean => this.#versions.get(row)?.purged === true

  /** The first row whose id is not below `id`. */
  rowFrom(id: number): number {
    let low = 0
    let high = this.#size
    while (low < high) {
      const middle = (low + high) >> 1
      if (Number(this.idOf(middle)) < id) low = middle + 1
      else high = middle
    }
    return low
  }

  version = (row: number): Version | undefined => this.#versions.get(row)
  isLive(row: number): boolean {
    const version = this.#versions.get(row)
    return version === undefined || (version.archivedAt === null && version.mergedInto === null)
  }
  /** Rows that were changed since they were generated, or made since; ascending. */
  changedRows(): readonly number[] {
    if (this.#changed.changes !== this.changes)
      this.#changed = { changes: this.changes, rows: [...this.#versions.keys()].sort((a, b) => a - b) }
    return this.#changed.rows
  }

  /** The version that the search index shows at an instant: `lagMs` late. */
  indexed(row: number, now: number, lagMs: number): Version | undefined {
    if (lagMs === 0) return this.#versions.get(row)
    const earlier = this.#before.get(row)?.find((entry) => entry.until > now - lagMs)
    return earlier === undefined ? this.#versions.get(row) : earlier.version
  }
  /** Whether the index shows a row that was made since at all. */
  isIndexed(row: number, now: number, lagMs: number): boolean {
    return row < this.#generated || this.indexed(row, now, lagMs) !== undefined
  }

  modifiedAt = (row: number, version: Version | undefined): number =>
    version?.modifiedAt ?? (isGenerated(this.type) ? generatedModifiedAt(this.#universe, this.type, row) : 0)

  /** Since when a row's values hold that were never changed. */
  generatedAt = ({ row, createdAt }: Standing): number =>
    row < this.#generated ? this.modifiedAt(row, undefined) : createdAt

  /** A row as it stands. */
  standing(row: number): Standing {
    return this.standingAs(row, this.#versions.get(row))
  }

  /** A row as a version has it; undefined is the generated state. */
  standingAs(row: number, version: Version | undefined): Standing {
    const made =
      row < this.#generated && isGenerated(this.type) ? generate(this.#universe, this.type, row) : undefined
    const properties: Record<string, string | null> = { ...made?.properties, ...version?.properties }
    const createdAt = version?.createdAt ?? made?.createdAt ?? 0
    const modifiedAt = version?.modifiedAt ?? made?.modifiedAt ?? 0
    const id = this.idOf(row)
    if (version !== undefined) Object.assign(properties, this.derive(properties))
    const created = new Date(createdAt).toISOString()
    const modified = new Date(modifiedAt).toISOString()
    properties[this.facts.createdProperty] ??= created
    properties[this.facts.modifiedProperty] = modified
    properties.hs_object_id = id
    return {
      row,
      id,
      properties,
      createdAt,
      created,
      modified,
      archivedAt: version?.archivedAt ?? null,
      mergedInto: version?.mergedInto ?? null,
    }
  }

  /** The value of a property of a standing row: undefined when the portal has no such property, null when it is not set. */
  value(standing: Standing, name: string): string | null | undefined {
    const value = standing.properties[name]
    if (value !== undefined && value !== null) return this.definitions.has(name) ? value : undefined
    const definition = this.definitions.get(name)
    if (definition === undefined) return undefined
    // Made-up properties of generated rows have made-up values.
    return name.startsWith('made_up_') && standing.row < this.#generated && value === undefined
      ? `v${hash(this.#universe.seed, KIND.custom, standing.row, Number(name.slice(8))) % 100_000}`
      : null
  }

  /** Puts a new version of a row in place. `now` is the instant by which the index counts its lag. */
  put(row: number, version: Version, now: number, lagMs: number): void {
    if (lagMs > 0) {
      const kept = (this.#before.get(row) ?? []).filter((entry) => entry.until > now - lagMs)
      this.#before.set(row, [...kept, { until: now, version: this.#versions.get(row) }])
    }
    this.#versions.set(row, version)
    this.changes += 1
    this.#noteValues(row, version)
  }

  /** Makes a row. */
  add(version: Version, now: number, lagMs: number): number {
    const row = this.#size
    this.#size += 1
    this.put(row, version, now, lagMs)
    return row
  }

  /** The live row that has a value in a unique property, the e-mail address above all: a former one counts, and case does not. */
  rowBy(property: string, value: string): number | undefined {
    if (property === 'hs_object_id') return this.rowOf(value)
    const wanted = keyOf(property, value)
    let rows = this.#byValue.get(property)
    if (rows === undefined) {
      rows = this.#readValues(property)
      this.#byValue.set(property, rows)
    }
    const row = rows.get(wanted)
    if (row === undefined || !this.isLive(row)) return undefined
    return valuesOf(property, this.standing(row).properties).includes(wanted) ? row : undefined
  }

  // Built on first use: most runs only read, and 300,000 addresses are memory. Only addresses are unique among generated rows.
  #readValues(property: string): Map<string, number> {
    const found = new Map<string, number>()
    const isEmail = this.type === 'contacts' && property === 'email'
    const rows = isEmail ? Array.from({ length: this.#size }, (_, row) => row) : this.changedRows()
    for (const row of rows)
      if (this.isLive(row))
        for (const value of valuesOf(property, this.standing(row).properties)) found.set(value, row)
    return found
  }
  #noteValues(row: number, version: Version): void {
    if (version.archivedAt !== null || version.mergedInto !== null) return
    for (const [property, rows] of this.#byValue)
      for (const value of valuesOf(property, this.standing(row).properties)) rows.set(value, row)
  }
}

const keyOf = (property: string, value: string): string =>
  property === 'email' ? value.toLowerCase() : value

const valuesOf = (property: string, values: Readonly<Record<string, string | null>>): string[] => {
  const all =
    property === 'email'
      ? [values.email, ...(values.hs_additional_emails?.split(';') ?? [])]
      : [values[property]]
  return all.flatMap((value) => (value == null || value === '' ? [] : [keyOf(property, value)]))
}
