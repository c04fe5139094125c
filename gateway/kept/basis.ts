import type { Mark, TouchedPart } from './part.ts'

/** What a part said of its answer: which tables it has read, and for how long it holds at most. */
export interface Read {
  tables: readonly string[]
  /** Milliseconds; Infinity: as long as nothing is touched. */
  holdsMs: number
  /** What the part had told when it was asked. */
  count: number
}

/** A basis that is complete. */
export interface Rests {
  marks: readonly Mark[]
  seen: readonly number[]
  parts: readonly TouchedPart[]
  /** Until when it holds at most, in milliseconds that never go back. */
  until: number
}

/** Whether what rests on it is still what would be answered now. */
export const holds = ({ marks, seen, parts, until }: Rests, now = performance.now()): boolean =>
  now < until && parts.every((part) => part.isTold) && marks.every(({ at }, i) => at === seen[i])

/** What an answer rests on, gathered while it is made from what parts say. */
export class Basis {
  readonly #seen = new Map<Mark, number>()
  readonly #parts = new Set<TouchedPart>()
  #until = Number.POSITIVE_INFINITY
  #isSound = true

  /** A part has answered. @param read absent: it cannot be told when the answer becomes another one */
  add(part: TouchedPart, organisation: string, read: Read | undefined): void {
    const marks = read && part.marksOf(organisation, read.tables)
    if (!marks) {
      this.#isSound = false
      return
    }
    // What was touched after it had been asked may have gone in, or may not.
    if (marks.some(({ at }) => at > read.count)) this.#isSound = false
    this.#rest(marks, part)
    this.#until = Math.min(this.#until, performance.now() + read.holdsMs)
  }

  /** Something that is kept went in, and holds now. */
  join(rests: Rests): void {
    for (const part of rests.parts) this.#rest(rests.marks, part)
    this.#until = Math.min(this.#until, rests.until)
  }

  /** What was gathered for a part of the answer went in. */
  take(other: Basis): void {
    const rests = other.rests()
    if (rests) this.join(rests)
    else this.#isSound = false
  }

  /** What the answer rests on; undefined when it may not be kept, or does not hold any more. */
  rests(): Rests | undefined {
    if (!this.#isSound || this.#parts.size === 0) return undefined
    const rests = {
      marks: [...this.#seen.keys()],
      seen: [...this.#seen.values()],
      parts: [...this.#parts],
      until: this.#until,
    }
    return holds(rests) ? rests : undefined
  }

  #rest(marks: readonly Mark[], part: TouchedPart): void {
    this.#parts.add(part)
    for (const mark of marks) {
      const seen = this.#seen.get(mark)
      if (seen === undefined) this.#seen.set(mark, mark.at)
      // Touched between two of its questions: they may not fit together.
      else if (seen !== mark.at) this.#isSound = false
    }
  }
}
