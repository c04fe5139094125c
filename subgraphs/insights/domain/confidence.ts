/** How far something can be relied on, in words. */
export type ConfidenceBand = 'HIGH' | 'MEDIUM' | 'LOW' | 'REVIEW'

const BANDS = [
  ['HIGH', 85],
  ['MEDIUM', 70],
  ['LOW', 50],
] as const

/** @param confidence 0 to 100 */
export const bandOf = (confidence: number): ConfidenceBand =>
  BANDS.find(([, from]) => confidence >= from)?.[0] ?? 'REVIEW'
