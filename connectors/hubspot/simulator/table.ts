import { hash, KIND, recordId, recordIndex, type Universe } from '#connectors/demo/index.ts'
import { OBJECT_TYPE_FACTS, type ObjectType, type PropertyDefinition } from '../wire.ts'
import { derivedOfDeal, generate, generatedCount, generatedModifiedAt } from './generated.ts'
import { standardProperties } from './properties.ts'

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
  readonly type: ObjectType
  readonly definitions: Map<string, PropertyDefinition>
  /** Counts changes, so that what was worked out from the rows can be told to be stale. */
  changes = 0
  readonly #universe: Universe
  readonly #generated: number
  #size: number
  readonly #versions = new Map<number, Version>()
  // Versions before the last change, oldest first, while the index may still show them.
  readonly #before = new Map<number, { until: number; version: Version | undefined }[]>()
  #changed: { changes: number; rows: readonly number[] } = { changes: 0, rows: [] }
  #emails: Map<string, number> | undefined

  constructor(universe: Universe, type: ObjectType) {
    this.type = type
    this.definitions = standardProperties(type)
    this.#universe = universe
    this.#generated = generatedCount(universe, type)
    this.#size = this.#generated
  }

  get size(): number {
    return this.#size
  }
  get generated(): number {
    return this.#generated
  }

  idOf = (row: number): string => recordId(this.type, row)

  /** The row of an id, merged and archived ones included. */
  rowOf(id: string | number): number | undefined {
    const row = recordIndex(this.type, id)
    return row !== undefined && row < this.#size ? row : undefined
  }

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
    version?.modifiedAt ?? generatedModifiedAt(this.#universe, this.type, row)

  /** A row as it stands. */
  standing(row: number): Standing {
    return this.standingAs(row, this.#versions.get(row))
  }

  /** A row as a version has it; undefined is the generated state. */
  standingAs(row: number, version: Version | undefined): Standing {
    const made = row < this.#generated ? generate(this.#universe, this.type, row) : undefined
    const properties: Record<string, string | null> = { ...made?.properties, ...version?.properties }
    const createdAt = version?.createdAt ?? made?.createdAt ?? 0
    const modifiedAt = version?.modifiedAt ?? made?.modifiedAt ?? 0
    const id = this.idOf(row)
    if (this.type === 'deals' && version !== undefined)
      Object.assign(properties, derivedOfDeal(properties.dealstage ?? null))
    const created = new Date(createdAt).toISOString()
    const modified = new Date(modifiedAt).toISOString()
    properties.createdate ??= created
    properties[OBJECT_TYPE_FACTS[this.type].modifiedProperty] = modified
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
    this.#noteEmail(row, version.properties.email)
  }

  /** Makes a row. */
  add(version: Version, now: number, lagMs: number): number {
    const row = this.#size
    this.#size += 1
    this.put(row, version, now, lagMs)
    return row
  }

  /** The live row that has a value in a unique property, the e-mail address above all. */
  rowBy(property: string, value: string): number | undefined {
    if (property === 'hs_object_id') return this.rowOf(value)
    if (this.type === 'contacts' && property === 'email') return this.#rowByEmail(value.toLowerCase())
    // Other unique properties are new to the portal, so only changed rows can have a value.
    return this.changedRows().find(
      (row) => this.isLive(row) && this.#versions.get(row)?.properties[property] === value,
    )
  }

  #rowByEmail(email: string): number | undefined {
    this.#emails ??= this.#readEmails()
    const row = this.#emails.get(email)
    if (row === undefined || !this.isLive(row)) return undefined
    return this.standing(row).properties.email?.toLowerCase() === email ? row : undefined
  }
  // Built on first use: most runs only read, and 300,000 addresses are memory.
  #readEmails(): Map<string, number> {
    const emails = new Map<string, number>()
    for (let row = 0; row < this.#size; row += 1) {
      const email = this.standing(row).properties.email
      if (typeof email === 'string' && this.isLive(row)) emails.set(email.toLowerCase(), row)
    }
    return emails
  }
  #noteEmail(row: number, email: string | null | undefined): void {
    if (typeof email === 'string') this.#emails?.set(email.toLowerCase(), row)
  }
}
