/** Random edits of the same records on both sides at once, and a book of what everybody did, whichever the other system is. */

/** What one side did with one field of one record. */
export interface Edit<T extends string = string> {
  side: 'HERE' | 'THERE'
  type: T
  /** Ours, or the other system's: whichever the side knows it by. */
  id: string
  /** Or something of the record as a whole, which begins with `@`. */
  field: string
  /** What it became. Of links `+` or `-` and whom; of a record `deleted`, or `merged`. */
  value: string
  /** Its place among all edits, in the order in which they were done. */
  place: number
}

/** Chance that is the same for the same seed, in [0, 1). */
export const chance = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What people who edit have at hand. */
export interface Desk<T extends string> {
  random(): number
  pick<V>(from: readonly V[]): V | undefined
  note(edit: Omit<Edit<T>, 'place'>): void
}

export interface Editing<T extends string> {
  seed: number
  edits: number
  /** How many are under way at a time. */
  hands: number
  types: readonly T[]
  /** Does the nth edit, of a record of a type, at one of the sides. */
  sides(desk: Desk<T>): Record<'here' | 'there', (type: T, n: number) => Promise<void>>
}

/** Edits both sides, as several people at once would. @returns the book */
export const editTogether = async <T extends string>(editing: Editing<T>): Promise<Edit<T>[]> => {
  const { seed, edits, hands, types } = editing
  const random = chance(seed)
  const book: Edit<T>[] = []
  const pick = <V>(from: readonly V[]): V | undefined => from[Math.floor(random() * from.length)]
  const note = (edit: Omit<Edit<T>, 'place'>) => void book.push({ ...edit, place: book.length })
  const { here, there } = editing.sides({ random, pick, note })
  let next = 0
  const hand = async () => {
    while (next < edits) {
      const n = next++
      const type = pick(types) ?? types[0]!
      // A record may go between being looked up and being changed, as for everybody.
      await (random() < 0.5 ? here(type, n) : there(type, n).catch(isGone))
    }
  }
  await Promise.all(Array.from({ length: hands }, hand))
  return book
}

const isGone = (error: unknown): void => {
  if (
    !(
      error instanceof Error &&
      /not found|does not exist|archived|merged|no (record|such)/i.test(error.message)
    )
  )
    throw error
}
