import type { HealthSettings } from '../health-settings.ts'

/** Of as many observations half of what can be relied on at most is. */
const HALF_AT = 2
const HALF_AT_STEADY = 12

const round = (value: number): number => Math.round(value * 100) / 100

/**
 * How far something can be relied on that was worked out from purchases, 0 to 100 with two decimals: never more than the organisation's settings
 * let so many systems be relied on.
 */
export const reliance = (systems: number, ceilings: HealthSettings['ceilings']) => {
  const ceiling = ceilings[Math.min(systems, ceilings.length) - 1] ?? 0
  return {
    /** By how often it was observed: n / (n + 2) of the most. `share` is what else speaks for it, 0 to 1. */
    byCount: (count: number, share = 1): number => round((ceiling * share * count) / (count + HALF_AT)),
    /** By a test: where it found something, how unlikely chance is; where it found nothing, by how much it had to look at. */
    byTest: (p: number, hasFound: boolean, count: number): number =>
      round(hasFound ? ceiling * (1 - p) : (ceiling * count) / (count + HALF_AT_STEADY)),
  }
}
