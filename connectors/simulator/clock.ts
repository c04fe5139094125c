import type { Clock } from '#kernel/clock.ts'

/**
 * The vendor's own clock. It runs with the base clock, shifted by a skew, because a vendor's time is never ours.
 * Records are stamped with it; limits, bans and the journal run on the base clock, so that shifting it frees no quota.
 */
export class SimulatorClock implements Clock {
  readonly base: Clock
  #skewMs = 0
  constructor(base: Clock) {
    this.base = base
  }
  now(): Date {
    return new Date(this.base.now().getTime() + this.#skewMs)
  }
  get skewMs(): number {
    return this.#skewMs
  }
  /** Sets how far this clock is ahead (behind, when negative), in milliseconds. */
  skew(ms: number): void {
    this.#skewMs = ms
  }
}
