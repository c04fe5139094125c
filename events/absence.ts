const LONG_MS = 30_000

/**
 * Whether something that is needed and away is worth a warning. What starts or stops a moment later is no news, however often
 * it was tried meanwhile; what stays away is, once until it is back.
 */
export class Absence {
  readonly #longMs: number
  #since: number | undefined
  #warned = false

  /** @param longMs for how long something has to be away to be news */
  constructor(longMs = LONG_MS) {
    this.#longMs = longMs
  }

  /** It was not there, once more. @returns whether that is news */
  noted(): boolean {
    const now = performance.now()
    this.#since ??= now
    const isNews = !this.#warned && now - this.#since >= this.#longMs
    this.#warned ||= isNews
    return isNews
  }

  /** It is back. */
  over(): void {
    this.#since = undefined
    this.#warned = false
  }
}
