/** How many of something each caller holds. Counted, not searched for: a thousand sockets may come back at once. */
export class Tally {
  readonly #held = new Map<string, number>()

  /** Whether the caller holds one more now: false, and nothing taken, when it holds as many as it may. */
  take(key: string, most: number): boolean {
    const now = this.#held.get(key) ?? 0
    if (now >= most) return false
    this.#held.set(key, now + 1)
    return true
  }

  give(key: string): void {
    const left = (this.#held.get(key) ?? 0) - 1
    if (left > 0) this.#held.set(key, left)
    else this.#held.delete(key)
  }
}
