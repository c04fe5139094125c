/**
 * Between what bounds a share lies that was counted (E. B. Wilson, Journal of the American Statistical Association 22, 1927).
 * @param hits how many of them
 * @param of how many were looked at, at least one
 * @param z standard deviations: 1.645 leaves 5 in 100 on either side
 */
export const wilson = (hits: number, of: number, z = 1.645): { low: number; high: number } => {
  const share = hits / of
  const scale = 1 + (z * z) / of
  const middle = (share + (z * z) / (2 * of)) / scale
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) }
}
