import { BANDS, bandOf, type ConfidenceBand } from './confidence.ts'

/** Insights of one confidence that somebody has judged. */
export interface JudgedCount {
  confidence: number
  judged: number
  right: number
}

export interface Calibration {
  band: ConfidenceBand
  judged: number
  right: number
  /** 0 to 100 each, with one decimal; null while none is judged. */
  promised: string | null
  observed: string | null
  low: string | null
  high: string | null
}

/** Of the normal distribution: 95 of 100 lie within so many deviations. */
const Z = 1.959964

/**
 * Between which shares the true one lies in 95 of 100 cases, when `right` of `judged` were (Wilson 1927, "Probable inference, the law of
 * succession, and statistical inference"): it stays within 0 and 1 and holds for small numbers too.
 */
export const wilson = (right: number, judged: number): [low: number, high: number] => {
  const share = right / judged
  const centre = share + Z ** 2 / (2 * judged)
  const margin = Z * Math.sqrt((share * (1 - share)) / judged + Z ** 2 / (4 * judged ** 2))
  const scale = 1 + Z ** 2 / judged
  return [Math.max(0, (centre - margin) / scale), Math.min(1, (centre + margin) / scale)]
}

const percent = (share: number): string => (100 * share).toFixed(1)

/** How well confidence has kept its word, band by band. */
export const calibrate = (counts: readonly JudgedCount[]): Calibration[] =>
  (Object.keys(BANDS) as ConfidenceBand[]).map((band) => {
    const own = counts.filter(({ confidence }) => bandOf(confidence) === band)
    const judged = own.reduce((sum, each) => sum + each.judged, 0)
    const right = own.reduce((sum, each) => sum + each.right, 0)
    if (judged === 0) return { band, judged, right, promised: null, observed: null, low: null, high: null }
    const [low, high] = wilson(right, judged)
    const promised = own.reduce((sum, each) => sum + each.judged * each.confidence, 0) / judged / 100
    return {
      ...{ band, judged, right, promised: percent(promised), observed: percent(right / judged) },
      ...{ low: percent(low), high: percent(high) },
    }
  })
