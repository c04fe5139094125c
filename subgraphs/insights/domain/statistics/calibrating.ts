/**
 * calibration  brings likelihoods in line with how often what they foretell really happens
 */
import { type Foretold, logLoss } from './classifying.ts'
import { fitLogistic, sigmoid } from './logistic.ts'

export type CalibrationName = 'PLATT' | 'ISOTONIC'

/** By a curve of two numbers over the logarithm of the odds, or by points of a rising line. */
export type Calibration =
  | { name: 'PLATT'; slope: number; offset: number }
  | { name: 'ISOTONIC'; points: readonly (readonly [logOdds: number, likelihood: number])[] }

/** Of a case: the logarithm of the odds that was said, and whether it happened. */
export interface Scored {
  logOdds: number
  happened: boolean
}

/** @returns the likelihood, 0 to 1 */
export const calibrated = (calibration: Calibration, logOdds: number): number => {
  if (calibration.name === 'PLATT') return sigmoid(calibration.slope * logOdds + calibration.offset)
  const { points } = calibration
  const after = points.findIndex(([at]) => logOdds <= at)
  if (after === -1) return points.at(-1)![1]
  if (after === 0) return points[0]![1]
  const [[x0, y0], [x1, y1]] = [points[after - 1]!, points[after]!]
  return y0 + ((logOdds - x0) / (x1 - x0)) * (y1 - y0)
}

/** Platt 1999: a logistic curve over the score. The penalty is slight: it only keeps a curve finite where nothing overlaps. */
export function* fitPlatt(cases: readonly Scored[]): Generator<void, Calibration> {
  const { intercept, weights } = yield* fitLogistic(
    cases.map(({ logOdds, happened }) => ({ features: [logOdds], happened })),
    1e-3,
  )
  return { name: 'PLATT', slope: weights[0]!, offset: intercept }
}

const MOST_POINTS = 20

/**
 * Isotonic regression by pooling neighbours that fall (Ayer and others 1955; Zadrozny and Elkan 2002 for likelihoods). Levels are
 * smoothed by one case in two of each kind (Krichevsky and Trofimov), so that nothing is certain that was seen a few times; the line
 * between the middles of the pools is straight.
 */
export const fitIsotonic = (cases: readonly Scored[]): Calibration => {
  const sorted = [...cases].sort((a, b) => a.logOdds - b.logOdds)
  const atLeast = Math.max(1, Math.floor(sorted.length / MOST_POINTS))
  let pools: { n: number; happened: number; sum: number }[] = []
  for (let from = 0; from < sorted.length; from += atLeast) {
    const held = sorted.slice(from, from + atLeast)
    pools.push({
      n: held.length,
      happened: held.filter((one) => one.happened).length,
      sum: held.reduce((total, one) => total + one.logOdds, 0),
    })
    while (pools.length > 1 && levelOf(pools.at(-2)!) >= levelOf(pools.at(-1)!)) {
      const [last, before] = [pools.pop()!, pools.pop()!]
      pools.push({
        n: last.n + before.n,
        happened: last.happened + before.happened,
        sum: last.sum + before.sum,
      })
    }
  }
  pools = pools.filter((pool, i) => i === 0 || pool.sum / pool.n > pools[i - 1]!.sum / pools[i - 1]!.n)
  return { name: 'ISOTONIC', points: pools.map((pool) => [pool.sum / pool.n, levelOf(pool)] as const) }
}

const levelOf = ({ n, happened }: { n: number; happened: number }): number => (happened + 0.5) / (n + 1)

const FOLDS = 5

function* fitBy(name: CalibrationName, cases: readonly Scored[]): Generator<void, Calibration> {
  yield
  return name === 'PLATT' ? yield* fitPlatt(cases) : fitIsotonic(cases)
}

/**
 * Fits the calibration that does better on cases it was not fitted to: every fifth in turn is left out, and the logarithmic loss on
 * all of them decides. Between steps it yields.
 * @param cases at least ten, of both kinds
 */
export function* chooseCalibration(cases: readonly Scored[]): Generator<void, Calibration> {
  const losses: { name: CalibrationName; loss: number }[] = []
  for (const name of ['PLATT', 'ISOTONIC'] as const) {
    const foretold: Foretold[] = []
    for (let fold = 0; fold < FOLDS; fold++) {
      const fitted = yield* fitBy(
        name,
        cases.filter((_, i) => i % FOLDS !== fold),
      )
      for (const [i, { logOdds, happened }] of cases.entries())
        if (i % FOLDS === fold) foretold.push({ said: calibrated(fitted, logOdds), happened })
    }
    losses.push({ name, loss: logLoss(foretold) })
  }
  const [best] = losses.sort((a, b) => a.loss - b.loss)
  return yield* fitBy(best!.name, cases)
}
