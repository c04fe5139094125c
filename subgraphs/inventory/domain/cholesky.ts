/** Symmetric matrices that are positive definite, row by row in one array. */

/**
 * The lower triangle L of A = L Lᵀ (A.-L. Cholesky), in the place of A. Columns that are nearly empty cost nearly nothing: what belongs to
 * few others comes first.
 */
export const factor = (matrix: Float64Array, size: number): void => {
  for (let j = 0; j < size; j += 1) {
    const diagonal = Math.sqrt(matrix[j * size + j]!)
    matrix[j * size + j] = diagonal
    const below: number[] = []
    for (let i = j + 1; i < size; i += 1) {
      if (matrix[i * size + j] === 0) continue
      matrix[i * size + j]! /= diagonal
      below.push(i)
    }
    for (let a = 0; a < below.length; a += 1) {
      const i = below[a]! * size
      const own = matrix[i + j]!
      for (let b = 0; b <= a; b += 1) matrix[i + below[b]!]! -= own * matrix[below[b]! * size + j]!
    }
  }
}

/** x of L x = b. */
export const solveLower = (lower: Float64Array, right: Float64Array): Float64Array => {
  const size = right.length
  const x = right.slice()
  for (let i = 0; i < size; i += 1) {
    let sum = x[i]!
    for (let k = 0; k < i; k += 1) sum -= lower[i * size + k]! * x[k]!
    x[i] = sum / lower[i * size + i]!
  }
  return x
}

/** x of Lᵀ x = b. */
export const solveUpper = (lower: Float64Array, right: Float64Array): Float64Array => {
  const size = right.length
  const x = right.slice()
  for (let i = size - 1; i >= 0; i -= 1) {
    let sum = x[i]!
    for (let k = i + 1; k < size; k += 1) sum -= lower[k * size + i]! * x[k]!
    x[i] = sum / lower[i * size + i]!
  }
  return x
}
