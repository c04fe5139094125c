import type { Versioned } from '../wire.ts'

/** A place in the order of a table: records lie by (updatedAt, id). */
export interface Place {
  /** Epoch milliseconds. */
  at: number
  id: string
}

/** Where the untouched records of a table come from; they are made again whenever they are asked for. */
export interface Source<T> {
  count: number
  place(index: number): Place
  make(index: number): T
}

const before = (a: Place, b: Place): boolean => a.at < b.at || (a.at === b.at && a.id < b.id)

/** The records of one kind: those of the demo world, and over them what was changed since. */
export class Table<T extends Versioned> {
  readonly #source: Source<T>
  readonly #idOf: (record: T) => string
  readonly #indices = new Map<string, number>()
  readonly #changed = new Map<string, T>()
  #order: Place[] | undefined

  constructor(source: Source<T>, idOf: (record: T) => string) {
    this.#source = source
    this.#idOf = idOf
  }

  // Made at the first question: a simulator that is not asked for a kind does not pay for it.
  get #places(): Place[] {
    if (this.#order) return this.#order
    const places = Array.from({ length: this.#source.count }, (_, index) => {
      const place = this.#source.place(index)
      this.#indices.set(place.id, index)
      return place
    })
    this.#order = places.sort((a, b) => (before(a, b) ? -1 : 1))
    return this.#order
  }

  get(id: string): T | undefined {
    const changed = this.#changed.get(id)
    if (changed) return changed
    void this.#places
    const index = this.#indices.get(id)
    return index === undefined ? undefined : this.#source.make(index)
  }

  /** Puts a record at the place its `updatedAt` gives it, over an older one with its id. */
  put(record: T): void {
    const id = this.#idOf(record)
    const places = this.#places
    const old = this.get(id)
    if (old) places.splice(this.#find({ at: Date.parse(old.updatedAt), id }), 1)
    const place = { at: Date.parse(record.updatedAt), id }
    places.splice(this.#find(place), 0, place)
    this.#changed.set(id, record)
  }

  /** The records behind a place, at or after an instant, in order. `more` tells whether others follow. */
  page(options: { since?: number; after?: Place; limit: number; withDeleted: boolean }): {
    records: T[]
    more: boolean
  } {
    const { since, after, limit, withDeleted } = options
    const places = this.#places
    const fromSince = since === undefined ? 0 : this.#find({ at: since, id: '' })
    const fromAfter = after === undefined ? 0 : this.#find({ at: after.at, id: `${after.id}\u0000` })
    const records: T[] = []
    for (let i = Math.max(fromSince, fromAfter); i < places.length; i += 1) {
      const record = this.get(places[i]!.id)!
      if (record.deleted && !withDeleted) continue
      if (records.length === limit) return { records, more: true }
      records.push(record)
    }
    return { records, more: false }
  }

  /** The first position whose place is not before the one given. */
  #find(place: Place): number {
    const places = this.#places
    let low = 0
    let high = places.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (before(places[middle]!, place)) low = middle + 1
      else high = middle
    }
    return low
  }
}
