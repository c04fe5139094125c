/**
 * case     a customer at a moment of the past: how strongly each factor showed then, and whether it left within the horizon after it
 * model    what is learned of cases: how much each factor moves the odds of leaving, brought in line with how often customers leave
 *
 * Cases lie one horizon apart, so that no leaving is counted twice. The oldest are learned from, the next bring likelihoods in line, and the
 * newest are tried on: nothing that is tried on was seen before, and everything that is learned from lies before it.
 */
import { type FactorName, factorNames, type Likelihood, type Strengths } from './churn-factors.ts'
import { type Calibration, calibrated, chooseCalibration } from './statistics/calibrating.ts'
import { auc, brier, calibrationError, type Foretold } from './statistics/classifying.ts'
import { fitLogistic, type Logistic, logOdds } from './statistics/logistic.ts'

export interface ChurnModel extends Logistic {
  /** What the weights are of, in their order. */
  factors: readonly FactorName[]
  calibration: Calibration
}

export interface Case {
  strengths: Strengths
  left: boolean
}

/** Cases by what they are for. */
export interface Cases {
  learn: readonly Case[]
  calibrate: readonly Case[]
  try: readonly Case[]
}

/** How a version did on the cases that it was tried on. */
export type ChurnReport = Record<
  'examples' | 'leavers' | 'triedOn' | 'triedLeavers' | 'auc' | 'brier' | 'calibrationError' | 'brierBefore',
  number
>

/** So many must have left among the cases of each: fewer say more about these customers than about customers. */
export const LEAST_LEAVERS: Readonly<Record<keyof Cases, number>> = { learn: 20, calibrate: 10, try: 10 }

const leaversOf = (cases: readonly Case[]): number => cases.filter(({ left }) => left).length

/** Whether there is enough to learn from: enough who left, and enough who stayed. */
export const isEnough = (cases: Cases): boolean =>
  (Object.keys(LEAST_LEAVERS) as (keyof Cases)[]).every((part) => {
    const leavers = leaversOf(cases[part])
    return leavers >= LEAST_LEAVERS[part] && cases[part].length - leavers >= LEAST_LEAVERS[part]
  })

/** The likelihood of leaving by what was learned. */
export const likelihoodBy =
  (model: ChurnModel): Likelihood =>
  (strengths) =>
    calibrated(model.calibration, logOdds(model, featuresOf(model.factors, strengths)))

const featuresOf = (factors: readonly FactorName[], strengths: Strengths): number[] =>
  factors.map((name) => strengths[name] ?? 0)

/**
 * Learns from cases.
 * @param cases enough of them, see `isEnough`
 * @param before what holds now: what is learned has to do no worse on the same cases
 * @returns what was learned, how it did, and whether it is to be held
 */
export const learnChurn = (
  cases: Cases,
  before: Likelihood,
): { model: ChurnModel; report: ChurnReport; isBetter: boolean } => {
  // What never shows, or always, tells nothing; neither does what was not known then.
  const factors = factorNames.filter(
    (name) => new Set(cases.learn.map(({ strengths }) => strengths[name] ?? 0)).size > 1,
  )
  const fitted = fitLogistic(
    cases.learn.map(({ strengths, left }) => ({ features: featuresOf(factors, strengths), happened: left })),
  )
  const calibration = chooseCalibration(
    cases.calibrate.map(({ strengths, left }) => ({
      logOdds: logOdds(fitted, featuresOf(factors, strengths)),
      happened: left,
    })),
  )
  const model: ChurnModel = { factors, ...fitted, calibration }
  const foretold = foretoldBy(likelihoodBy(model), cases.try)
  const held = brier(foretoldBy(before, cases.try))
  const report: ChurnReport = {
    ...{ examples: cases.learn.length, leavers: leaversOf(cases.learn) },
    ...{ triedOn: cases.try.length, triedLeavers: leaversOf(cases.try) },
    ...{ auc: auc(foretold), brier: brier(foretold), calibrationError: calibrationError(foretold) },
    brierBefore: held,
  }
  return { model, report, isBetter: report.brier <= held }
}

const foretoldBy = (likelihood: Likelihood, cases: readonly Case[]): Foretold[] =>
  cases.map(({ strengths, left }) => ({ said: likelihood(strengths), happened: left }))
