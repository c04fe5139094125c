/** The value below which a share of the others are, between neighbours in a straight line (Hyndman and Fan 1996, type 7). @param sorted at least one, smallest first @param share 0 to 1 */
export const quantile = (sorted: ArrayLike<number>, share: number): number => {
  const place = (sorted.length - 1) * share
  const below = Math.floor(place)
  const low = sorted[below]!
  return low + (place - below) * ((sorted[below + 1] ?? low) - low)
}

/** As many are smaller as are larger. @param values at least one, in any order */
export const median = (values: readonly number[]): number =>
  // Numbers alone are sorted faster than lists of anything.
  quantile(Float64Array.from(values).sort(), 0.5)

/** The share of numbers above 0 that are at most `value`, by their deciles. @param deciles nine, smallest first @returns 0 to 1 */
export const shareBelow = (deciles: readonly number[], value: number): number => {
  const above = deciles.findIndex((decile) => decile > value)
  if (above < 0) return deciles.length / (deciles.length + 1)
  const low = deciles[above - 1] ?? 0
  const within = deciles[above]! > low ? (value - low) / (deciles[above]! - low) : 0
  return (above + within) / (deciles.length + 1)
}
