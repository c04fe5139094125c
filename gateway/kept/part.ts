/**
 * mark   of a table and an organisation: how many things a part had told of when the last one was told that touched it
 * basis  the marks that an answer rests on, as they were: it holds as long as they are so
 */
export interface Mark {
  at: number
}

/** So long what a part told last counts, in milliseconds: it says ten times a second that it has told everything. */
const TRUSTED_MS = 200
/** Beyond it, all is forgotten and begins anew. */
const MOST_MARKS = 100_000
const EVERYBODY = '*'

/** What one part has told of what is touched in its tables, as far as it was heard. */
export class TouchedPart {
  readonly #clock: () => number
  /** Every answer of the part rests on it as well: it moves when something may have been missed. */
  readonly #all: Mark = { at: 0 }
  #marks = new Map<string, Mark>()
  #tables: ReadonlySet<string> = new Set()
  #count = 0
  #toldAt = Number.NEGATIVE_INFINITY

  /** @param clock milliseconds that never go back */
  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock
  }

  /** How many things it has told of so far: taken down before it is asked. */
  get count(): number {
    return this.#count
  }

  /** Whether nothing can have been touched for longer than a moment without having been told. */
  get isTold(): boolean {
    return this.#clock() - this.#toldAt <= TRUSTED_MS
  }

  /** These tables tell from now on; what was before counts no more. */
  begin(tables: Iterable<string>): void {
    this.#tables = new Set(tables)
    this.#forget()
  }

  /** Everything that was committed has been told. */
  told(): void {
    this.#toldAt = this.#clock()
  }

  /** Something may be touched without being told. */
  lost(): void {
    this.#toldAt = Number.NEGATIVE_INFINITY
    this.#tables = new Set()
    this.#forget()
  }

  /** @param organisation `*` for all of them @param table absent: any of the part's */
  touch(organisation: string, table = EVERYBODY): void {
    this.#mark(organisation, table).at = ++this.#count
    if (this.#marks.size > MOST_MARKS) this.#forget()
  }

  /** What an answer rests on that has read these tables for an organisation; undefined when one of them does not tell. */
  marksOf(organisation: string, tables: readonly string[]): Mark[] | undefined {
    if (!tables.every((table) => this.#tables.has(table))) return undefined
    return [
      this.#all,
      this.#mark(organisation, EVERYBODY),
      ...tables.flatMap((table) => [this.#mark(organisation, table), this.#mark(EVERYBODY, table)]),
    ]
  }

  #mark(organisation: string, table: string): Mark {
    const key = `${organisation} ${table}`
    const known = this.#marks.get(key)
    if (known) return known
    const mark = { at: 0 }
    this.#marks.set(key, mark)
    return mark
  }

  #forget(): void {
    this.#all.at = ++this.#count
    this.#marks = new Map()
  }
}
