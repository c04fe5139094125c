/**
 * closed     the part is asked
 * open       it has failed again and again: it is not asked for a while, and nobody waits for it
 * half-open  one request tries whether it answers again; the others go on without it
 */
import type { Clock } from '#kernel/clock.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

/** So many failures in a row open it: one that dies takes the requests under way with it, and is back a moment later. */
const FAILURES = 10
const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 5_000

/** Spares callers the wait for a part that does not answer, and spares the part the callers. */
export class Breaker {
  readonly #clock: Clock
  #failures = 0
  #openUntil = 0
  #pauseMs = 0
  #isTrying = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get state(): BreakerState {
    if (this.#pauseMs === 0) return 'closed'
    return this.#isTrying || this.#clock.now().getTime() >= this.#openUntil ? 'half-open' : 'open'
  }

  /** Whether the part may be asked now. Whoever is let through tells how it went, by one of the three below. */
  admits(): boolean {
    if (this.#pauseMs === 0) return true
    if (this.#isTrying || this.state === 'open') return false
    this.#isTrying = true
    return true
  }

  succeeded(): void {
    this.#failures = 0
    this.#pauseMs = 0
    this.#isTrying = false
  }

  failed(): void {
    this.#isTrying = false
    if (++this.#failures < FAILURES) return
    this.#pauseMs = Math.min(Math.max(FIRST_PAUSE_MS, 2 * this.#pauseMs), LONGEST_PAUSE_MS)
    this.#openUntil = this.#clock.now().getTime() + this.#pauseMs
  }

  /** The caller has gone before the part said anything: that is no news of the part. */
  leftAlone(): void {
    this.#isTrying = false
  }
}
