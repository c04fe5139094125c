/**
 * The standard errors of what was found by maximum likelihood: the roots of the diagonal of the inverse of the curvature (A. C. Davison,
 * Statistical Models, 2003, 4.4), by differences.
 * @param f minus the logarithm of the likelihood
 * @param at where it is least
 * @returns one for each parameter; null when f is not curved upwards there, so that nothing is known of how far it can be relied on
 */
export const standardErrors = (
  f: (at: readonly number[]) => number,
  at: readonly number[],
  step = 1e-3,
): number[] | null => {
  const n = at.length
  const shifted = (i: number, by: number, j: number, and: number) =>
    f(at.map((x, m) => x + (m === i ? by : 0) + (m === j ? and : 0)))
  const curvature = at.map((_, i) =>
    at.map(
      (_x, j) =>
        (shifted(i, step, j, step) -
          shifted(i, step, j, -step) -
          shifted(i, -step, j, step) +
          shifted(i, -step, j, -step)) /
        (4 * step * step),
    ),
  )
  const inverse = inverseOf(curvature)
  const errors = inverse?.map((row, i) => Math.sqrt(row[i]!))
  return errors?.length === n && errors.every(Number.isFinite) ? errors : null
}

/** By Gauss and Jordan; null when there is none. */
const inverseOf = (matrix: readonly (readonly number[])[]): number[][] | null => {
  const n = matrix.length
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))])
  for (let i = 0; i < n; i++) {
    let pivot = i
    for (let k = i + 1; k < n; k++) if (Math.abs(rows[k]![i]!) > Math.abs(rows[pivot]![i]!)) pivot = k
    if (!(Math.abs(rows[pivot]![i]!) > 1e-12)) return null
    ;[rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!]
    const lead = rows[i]![i]!
    rows[i] = rows[i]!.map((x) => x / lead)
    for (let k = 0; k < n; k++) {
      const by = rows[k]![i]!
      if (k !== i && by !== 0) rows[k] = rows[k]!.map((x, j) => x - by * rows[i]![j]!)
    }
  }
  return rows.map((row) => row.slice(n))
}
