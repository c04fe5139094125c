import { BANDS, bandOf, type ConfidenceBand } from './confidence.ts'
import { wilson } from './statistics/share.ts'

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

/** Leaves five in a hundred outside, on both sides together. */
const Z = 1.959964

const percent = (share: number): string => (100 * share).toFixed(1)

/** How well confidence has kept its word, band by band. */
export const calibrate = (counts: readonly JudgedCount[]): Calibration[] =>
  (Object.keys(BANDS) as ConfidenceBand[]).map((band) => {
    const own = counts.filter(({ confidence }) => bandOf(confidence) === band)
    const judged = own.reduce((sum, each) => sum + each.judged, 0)
    const right = own.reduce((sum, each) => sum + each.right, 0)
    if (judged === 0) return { band, judged, right, promised: null, observed: null, low: null, high: null }
    const { low, high } = wilson(right, judged, Z)
    const promised = own.reduce((sum, each) => sum + each.judged * each.confidence, 0) / judged / 100
    return {
      ...{ band, judged, right, promised: percent(promised), observed: percent(right / judged) },
      ...{ low: percent(low), high: percent(high) },
    }
  })
