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

/** The cases of one moment. */
export interface Moment {
  at: Date
  cases: Case[]
}

/**
 * Moments by what they are for: the newest is tried on, the next brings in line, all others are learned from.
 * @param moments newest first
 * @param weeksKnownSince from when on it is known what was told day by day; null when nothing hangs on it. Moments before are learned from
 * only where there is not enough without them, and then without the factors that are read from days: what is unknown is not absent
 */
export const casesOf = (moments: readonly Moment[], weeksKnownSince: Date | null): Cases => {
  if (weeksKnownSince === null) return partsOf(moments)
  const recent = partsOf(moments.filter(({ at }) => at >= weeksKnownSince))
  if (isEnough(recent)) return recent
  return partsOf(moments.map(({ at, cases }) => ({ at, cases: cases.map(withoutWeeks) })))
}

const withoutWeeks = ({ strengths, left }: Case): Case => {
  const known = Object.entries(strengths).filter(([name]) => !WEEKLY.includes(name as FactorName))
  return { strengths: Object.fromEntries(known), left }
}

/** Factors that are read from what is told day by day. */
const WEEKLY: readonly FactorName[] = ['FALLING_USAGE', 'FALLING_ANSWERS']

const partsOf = ([tried, calibrated, ...older]: readonly Moment[]): Cases => ({
  try: tried?.cases ?? [],
  calibrate: calibrated?.cases ?? [],
  learn: older.flatMap(({ cases }) => cases),
})

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

/** What was learned, how it did, and whether it is to be held. */
export interface LearnedChurn {
  model: ChurnModel
  report: ChurnReport
  isBetter: boolean
}

/**
 * Learns from cases, step by step, so that others have their turn between any two.
 * @param cases enough of them, see `isEnough`
 * @param before what holds now: what is learned has to do no worse on the same cases
 * @param judgedBy how customers are judged by a model: by that it is tried
 */
export function* learnChurn(
  cases: Cases,
  before: Likelihood,
  judgedBy: (model: ChurnModel) => Likelihood = likelihoodBy,
): Generator<void, LearnedChurn> {
  // What never shows, or always, tells nothing; neither does what was not known then.
  const factors = factorNames.filter(
    (name) => new Set(cases.learn.map(({ strengths }) => strengths[name] ?? 0)).size > 1,
  )
  const fitted = yield* fitLogistic(
    cases.learn.map(({ strengths, left }) => ({ features: featuresOf(factors, strengths), happened: left })),
  )
  const calibration = yield* chooseCalibration(
    cases.calibrate.map(({ strengths, left }) => ({
      logOdds: logOdds(fitted, featuresOf(factors, strengths)),
      happened: left,
    })),
  )
  const model: ChurnModel = { factors, ...fitted, calibration }
  const foretold = foretoldBy(judgedBy(model), cases.try)
  yield
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
