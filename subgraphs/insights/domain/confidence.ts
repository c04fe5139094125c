/** How far something can be relied on: by how complete and fresh the facts are, and how many systems say so. */
import type { HealthSettings } from './health-settings.ts'
import type { SourceSystem } from './kinds.ts'
import { DAY, type Measurement } from './measuring.ts'

const FRESH_MONTHS = 2
const STALE_MONTHS = 12
const MONTH = 30 * DAY

/** A measurement and how much it counts. */
export interface Weighed {
  weight: number
  found: Pick<Measurement, 'sources' | 'observedAt'>
}

const months = (observedAt: Date, asOf: Date): number =>
  Math.max(0, Math.floor((asOf.getTime() - observedAt.getTime()) / MONTH))

/** 1 for news of less than two months, falling month by month to 0.4 after a year. */
const freshness = (age: number): number => {
  const lost = Math.min(age, STALE_MONTHS) - FRESH_MONTHS + 1
  return lost <= 0 ? 1 : 1 - (0.6 * lost) / (STALE_MONTHS - FRESH_MONTHS + 1)
}

/**
 * 0 to 100 with two decimals: the root of the coverage, times how fresh the facts are on the average, at most what so many systems
 * are trusted with. 0 where nothing is known.
 * @param coverage how much of what it could rest on is known, 0 to 1
 */
export const confidenceOf = (
  known: readonly Weighed[],
  coverage: number,
  ceilings: HealthSettings['ceilings'],
  asOf: Date,
): number => {
  if (known.length === 0) return 0
  const sources: SourceSystem[] = []
  let [total, fresh] = [0, 0]
  for (const { weight, found } of known) {
    total += weight
    fresh += weight * freshness(months(found.observedAt, asOf))
    for (const source of found.sources) if (!sources.includes(source)) sources.push(source)
  }
  // However complete the facts: few systems cannot be cross-checked.
  const ceiling = ceilingOf(sources.length, ceilings)
  return Math.round(100 * Math.min(ceiling, 100 * Math.sqrt(coverage) * (fresh / total))) / 100
}

/** The most that so many systems are trusted with, 0 to 100. */
export const ceilingOf = (systems: number, ceilings: HealthSettings['ceilings']): number =>
  ceilings[Math.min(systems, ceilings.length) - 1] ?? 0

/** When news of this moment is next less fresh; null when it is as stale as can be. */
export const freshUntil = (observedAt: Date, asOf: Date): Date | null => {
  const next = Math.max(months(observedAt, asOf) + 1, FRESH_MONTHS)
  return next <= STALE_MONTHS ? new Date(observedAt.getTime() + next * MONTH) : null
}

/** How far something can be relied on, in words. */
export type ConfidenceBand = 'HIGH' | 'MEDIUM' | 'LOW' | 'REVIEW'

/** The least confidence of each band. */
export const BANDS: Readonly<Record<ConfidenceBand, number>> = { HIGH: 85, MEDIUM: 70, LOW: 50, REVIEW: 0 }

/** A confidence as a word. */
export const bandOf = (confidence: number): ConfidenceBand =>
  (Object.keys(BANDS) as ConfidenceBand[]).find((band) => confidence >= BANDS[band]) ?? 'REVIEW'
