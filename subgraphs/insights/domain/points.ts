/**
 * Rounds points so that they still sum to their rounded sum: all are rounded down, and what is then missing goes to those
 * that lost most. A score of parts rounded one by one would drift by a tenth of a point, or pass 100.
 */
export const inHundredths = (points: readonly number[]): number[] => {
  const whole = points.map((p) => Math.floor(p * 100))
  const missing = Math.round(points.reduce((t, p) => t + p, 0) * 100) - whole.reduce((t, n) => t + n, 0)
  const byLoss = points.map((p, i) => ({ i, loss: p * 100 - whole[i]! })).sort((a, b) => b.loss - a.loss)
  for (const { i } of byLoss.slice(0, missing)) whole[i]!++
  return whole
}
