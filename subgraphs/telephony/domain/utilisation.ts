/** How busy a trunk was in an hour. */
export interface UtilisationPointRow {
  from: Date
  /** The most calls at once; null where that is not known. */
  peakCalls: number | null
  seconds: number
  /** What the trunk is set up for. */
  allowedCalls: number
  monthlyMinutes: number
}

/** The part of what there may be that was taken; null when there may be nothing, or it is not known. */
export const shareOf = (taken: number | null, whole: number): number | null =>
  taken === null || whole === 0 ? null : taken / whole
