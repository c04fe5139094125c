/**
 * Logistic regression: which features go with something happening, and how much each moves its odds.
 */

/** What was learned: the odds' logarithm is `intercept` plus each feature times its weight. */
export interface Logistic {
  intercept: number
  weights: readonly number[]
}

export interface Example {
  features: readonly number[]
  happened: boolean
}

const MOST_STEPS = 50
const NEAR_ENOUGH = 1e-9

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))

/** The logarithm of the odds that features speak for. */
export const logOdds = ({ intercept, weights }: Logistic, features: readonly number[]): number =>
  weights.reduce((total, weight, i) => total + weight * features[i]!, intercept)

/**
 * Fits by Newton's method, which for this likelihood is iteratively reweighted least squares (Hastie, Tibshirani and Friedman,
 * The Elements of Statistical Learning, 4.4.1), with an L2 penalty on features that are brought to mean 0 and deviation 1 first:
 * then it does not matter in which unit a feature is. The intercept is not penalised. Weights come back in the features' own units.
 * Between steps it yields, so that others have the thread: `settle` (minimise.ts) does not.
 * @param penalty strength of the penalty; above 0 there is exactly one answer, also when features repeat each other or tell all
 */
export function* fitLogistic(examples: readonly Example[], penalty = 1): Generator<void, Logistic> {
  const width = examples[0]?.features.length ?? 0
  const means = Array.from({ length: width }, (_, k) => mean(examples, (e) => e.features[k]!))
  const spreads = means.map((middle, k) => Math.sqrt(mean(examples, (e) => (e.features[k]! - middle) ** 2)))
  const rows = examples.map(({ features, happened }) => ({
    x: [1, ...features.map((value, k) => (spreads[k]! > 0 ? (value - means[k]!) / spreads[k]! : 0))],
    y: happened ? 1 : 0,
  }))
  let beta: number[] = Array.from({ length: width + 1 }, () => 0)
  for (let step = 0; step < MOST_STEPS; step++) {
    yield
    const gradient = beta.map((b, k) => (k === 0 ? 0 : -penalty * b))
    const hessian = beta.map((_, i) => beta.map((__, j) => (i === j ? (i === 0 ? 1e-9 : penalty) : 0)))
    for (const { x, y } of rows) {
      const p = sigmoid(x.reduce((total, value, k) => total + value * beta[k]!, 0))
      const weight = p * (1 - p)
      for (let i = 0; i <= width; i++) {
        gradient[i]! += (y - p) * x[i]!
        for (let j = 0; j <= i; j++) hessian[i]![j]! += weight * x[i]! * x[j]!
      }
    }
    for (let i = 0; i <= width; i++) for (let j = i + 1; j <= width; j++) hessian[i]![j] = hessian[j]![i]!
    const moves = solve(hessian, gradient)
    // A whole step may overshoot where nearly everything is told already: none is longer than this.
    const longest = Math.max(...moves.map(Math.abs))
    const scale = longest > 5 ? 5 / longest : 1
    beta = beta.map((b, k) => b + scale * moves[k]!)
    if (longest < NEAR_ENOUGH) break
  }
  const weights = means.map((_, k) => (spreads[k]! > 0 ? beta[k + 1]! / spreads[k]! : 0))
  const intercept = weights.reduce((total, weight, k) => total - weight * means[k]!, beta[0]!)
  return { intercept, weights }
}

const mean = (examples: readonly Example[], of: (example: Example) => number): number =>
  examples.reduce((total, one) => total + of(one), 0) / Math.max(1, examples.length)

/** Solves a symmetric positive system by Cholesky's decomposition. */
const solve = (matrix: readonly (readonly number[])[], right: readonly number[]): number[] => {
  const n = right.length
  const lower = Array.from({ length: n }, () => new Array<number>(n).fill(0))
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i]![j]!
      for (let k = 0; k < j; k++) rest -= lower[i]![k]! * lower[j]![k]!
      lower[i]![j] = i === j ? Math.sqrt(Math.max(rest, 1e-12)) : rest / lower[j]![j]!
    }
  const half: number[] = []
  for (let i = 0; i < n; i++) {
    let rest = right[i]!
    for (let k = 0; k < i; k++) rest -= lower[i]![k]! * half[k]!
    half.push(rest / lower[i]![i]!)
  }
  const solved = new Array<number>(n).fill(0)
  for (let i = n - 1; i >= 0; i--) {
    let rest = half[i]!
    for (let k = i + 1; k < n; k++) rest -= lower[k]![i]! * solved[k]!
    solved[i] = rest / lower[i]![i]!
  }
  return solved
}
