import type { Table } from './table.ts'

/** The generated rows of a table by modified time. Made once, at the first search; changed rows must be looked at besides. */
export class TimeIndex {
  readonly #times: Float64Array
  readonly #rows: Uint32Array

  constructor(table: Table) {
    const times = Float64Array.from({ length: table.generated }, (_, row) => table.modifiedAt(row, undefined))
    this.#rows = Uint32Array.from({ length: table.generated }, (_, row) => row).sort(
      (a, b) => times[a]! - times[b]!,
    )
    this.#times = Float64Array.from(this.#rows, (row) => times[row]!)
  }

  /** Rows whose generated time lies between two instants, both included. */
  between(low: number, high: number): Uint32Array {
    return this.#rows.subarray(this.#first(low), this.#first(high + 1))
  }

  #first(time: number): number {
    let [low, high] = [0, this.#times.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#times[middle]! < time) low = middle + 1
      else high = middle
    }
    return low
  }
}
