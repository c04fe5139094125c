/** How well likelihoods foretold what then happened. Each takes cases in any order, of which there is at least one. */

/** A likelihood that was said beforehand, 0 to 1, and whether it happened. */
export interface Foretold {
  said: number
  happened: boolean
}

/**
 * The area under the ROC curve: how often a case that happened was given a higher likelihood than one that did not; ties count half.
 * By ranks (Mann and Whitney 1947).
 * @returns 0 to 1, 0.5 when all are of one kind
 */
export const auc = (cases: readonly Foretold[]): number => {
  const sorted = [...cases].sort((a, b) => a.said - b.said)
  const positives = cases.filter((one) => one.happened).length
  const negatives = cases.length - positives
  if (positives === 0 || negatives === 0) return 0.5
  let ranks = 0
  for (let from = 0; from < sorted.length; ) {
    let to = from
    while (to < sorted.length && sorted[to]!.said === sorted[from]!.said) to++
    // Ranks count from 1; those that are tied share their mean.
    const rank = (from + to + 1) / 2
    for (let i = from; i < to; i++) if (sorted[i]!.happened) ranks += rank
    from = to
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives)
}

/** The mean squared distance of likelihoods from what happened (Brier 1950): 0 is perfect. */
export const brier = (cases: readonly Foretold[]): number =>
  cases.reduce((total, { said, happened }) => total + (said - (happened ? 1 : 0)) ** 2, 0) / cases.length

/**
 * The expected calibration error: how far likelihoods are from how often it then happened, over tenths of the cases by rising
 * likelihood (bins of equal number, Nguyen and O’Connor 2015: bins of equal width would hold nearly all cases in one where few leave).
 * @returns 0 to 1
 */
export const calibrationError = (cases: readonly Foretold[], bins = 10): number => {
  const sorted = [...cases].sort((a, b) => a.said - b.said)
  let error = 0
  for (let bin = 0; bin < bins; bin++) {
    const held = sorted.slice(
      Math.floor((bin * sorted.length) / bins),
      Math.floor(((bin + 1) * sorted.length) / bins),
    )
    const distance = held.reduce((total, { said, happened }) => total + said - (happened ? 1 : 0), 0)
    error += Math.abs(distance)
  }
  return error / cases.length
}

/** The mean logarithm of what was missed: what calibrations are chosen by, for it punishes false certainty. */
export const logLoss = (cases: readonly Foretold[]): number => {
  const bounded = (p: number) => Math.min(1 - 1e-9, Math.max(1e-9, p))
  return (
    cases.reduce(
      (total, { said, happened }) => total - Math.log(happened ? bounded(said) : 1 - bounded(said)),
      0,
    ) / cases.length
  )
}
