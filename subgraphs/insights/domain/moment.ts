const TELLABLE_MS = 1000

/**
 * The moment that something new is true for: now, or just behind what is known to be later. Two things of one customer in one millisecond,
 * or by clocks that differ a little, would otherwise be told in no order. Farther ahead is a clock that was wrong, and not to be followed.
 */
export const momentAfter = (now: Date, last: readonly Date[]): Date => {
  const lead = Math.max(-1, ...last.map((at) => at.getTime() - now.getTime()))
  return lead >= 0 && lead < TELLABLE_MS ? new Date(now.getTime() + lead + 1) : now
}
