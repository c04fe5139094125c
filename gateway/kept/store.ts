import { LRUCache } from 'lru-cache'
import { repeat } from '#kernel/clock.ts'
import { holds, type Rests } from './basis.ts'

interface Kept extends Rests {
  text: string
}

const MOST_NAMES = 20_000
/** What an entry takes beside its texts, more or less: the marks it rests on are shared. */
const OVERHEAD_BYTES = 400
const SWEEP_MS = 10_000

/** Texts that are kept for as long as what they rest on is as it was. Bounded by bytes: the least lately asked for goes first. */
export class KeptTexts implements AsyncDisposable {
  readonly #kept: LRUCache<string, Kept>
  readonly #names = new LRUCache<string, number>({ max: MOST_NAMES })
  readonly #sweeping: AsyncDisposable
  #named = 0

  constructor(megabytes: number) {
    this.#kept = new LRUCache({
      maxSize: megabytes * 1024 * 1024,
      sizeCalculation: ({ text, marks }, key) =>
        2 * (text.length + key.length) + 24 * marks.length + OVERHEAD_BYTES,
    })
    // What holds no more is never answered; it shall not lie there either, for it may tell of somebody who was erased.
    this.#sweeping = repeat(async () => this.sweep(), { everyMs: SWEEP_MS, failed: () => undefined })
  }

  /** Bytes that are taken, more or less. */
  get bytes(): number {
    return this.#kept.calculatedSize
  }

  /** A short name for a long text that is a part of many keys. No two texts ever have the same. */
  nameOf(text: string): number {
    const known = this.#names.get(text)
    if (known !== undefined) return known
    this.#names.set(text, ++this.#named)
    return this.#named
  }

  /** What is kept under a key, if it still holds. */
  find(key: string): Readonly<Kept> | undefined {
    const kept = this.#kept.get(key)
    if (!kept || holds(kept)) return kept
    this.#kept.delete(key)
    return undefined
  }

  keep(key: string, text: string, rests: Rests): void {
    this.#kept.set(key, { text, ...rests })
  }

  drop(key: string): void {
    this.#kept.delete(key)
  }

  /** Lets go of whatever holds no more. */
  sweep(): void {
    const now = performance.now()
    for (const [key, kept] of this.#kept.entries()) if (!holds(kept, now)) this.#kept.delete(key)
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#sweeping[Symbol.asyncDispose]()
  }
}
