/**
 * When to score while facts pour in. An import brings the facts of one customer in a dozen handfuls: scored at each of
 * them, customers are scored four times over and hold up the import that feeds them. So an organisation with more
 * waiting than one batch takes is left alone until its facts have ceased for a moment, and for some seconds at most.
 * Whoever has fewer waiting is scored at once.
 */
export class Patience {
  /** Silence that says that the pouring has ceased, in milliseconds. */
  static readonly QUIET_MS = 1000
  /** How long scores may be behind their facts at most. */
  static readonly MOST_MS = 15_000
  readonly #heldSince = new Map<string, number>()
  readonly #catchingUp = new Set<string>()
  #newsAt = Number.NEGATIVE_INFINITY

  /** Facts came in. @param at a monotonic time in milliseconds, as everywhere here */
  news(at: number): void {
    this.#newsAt = at
  }

  /** Whether the organisation's customers may be scored now. */
  allows(orgId: string, at: number): boolean {
    const since = this.#heldSince.get(orgId)
    if (since === undefined) return true
    if (at - this.#newsAt < Patience.QUIET_MS && at - since < Patience.MOST_MS) return false
    this.#heldSince.delete(orgId)
    this.#catchingUp.add(orgId)
    return true
  }

  /** A batch was scored. @param isFull whether more are likely to be waiting */
  scored(orgId: string, isFull: boolean, at: number): void {
    if (!isFull) this.#catchingUp.delete(orgId)
    else if (!this.#catchingUp.has(orgId) && at - this.#newsAt < Patience.QUIET_MS)
      this.#heldSince.set(orgId, at)
  }
}
