/** `npm run bench -- churn`: how well it is learned who leaves, on made-up customers whose true likelihoods are known. */
import { parseArgs } from 'node:util'
import { likelihoodByRules } from '../subgraphs/insights/domain/churn.ts'
import { learnChurn, likelihoodBy } from '../subgraphs/insights/domain/churn-model.ts'
import { RISK_SETTINGS } from '../subgraphs/insights/domain/risk-settings.ts'
import { settle } from '../subgraphs/insights/domain/statistics/minimise.ts'
import { quantile } from './measuring.ts'
import { bar, figure, type Report, reportOf, say } from './report.ts'
import { simulated, trueLikelihood } from './simulated-leaving.ts'

const MOST_CALIBRATION_ERROR = 0.03

/** Repeatable chance: numbers in [0, 1) (mulberry32). */
const chance = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** @returns the report of `npm run bench -- churn` @param args `--worlds`, `--customers` */
export const benchChurn = async (args: string[]): Promise<Report> => {
  const { values } = parseArgs({
    args,
    options: { worlds: { type: 'string', default: '50' }, customers: { type: 'string', default: '5000' } },
  })
  const options = { worlds: Number(values.worlds), customers: Number(values.customers) }
  const byRules = likelihoodByRules(RISK_SETTINGS)
  const learned = Array.from({ length: options.worlds }, (_, seed) => {
    const random = chance(seed)
    const cases = {
      learn: simulated(random, options.customers),
      calibrate: simulated(random, options.customers),
      try: simulated(random, options.customers),
    }
    const found = settle(learnChurn(cases, byRules))
    const off = cases.try.map(
      ({ strengths }) => (likelihoodBy(found.model)(strengths) - trueLikelihood(strengths)) ** 2,
    )
    // What was learned of few is tried against the truth itself: it must not be held.
    const some = { ...cases, learn: cases.learn.slice(0, 400), calibrate: cases.calibrate.slice(0, 400) }
    const few = settle(learnChurn(some, trueLikelihood))
    return {
      ...found,
      off: Math.sqrt(mean(off)),
      isWorseHeld: few.isBetter && few.report.brier > few.report.brierBefore,
    }
  })
  say(`learned who leaves in ${options.worlds} worlds`)
  const errors = learned.map(({ report }) => report.calibrationError)
  return reportOf('churn', options, {
    figures: [
      figure('who leaves, of all', mean(learned.map(({ report }) => report.triedLeavers / report.triedOn))),
      figure('area under the curve, mean', mean(learned.map(({ report }) => report.auc))),
      figure('Brier score, mean', mean(learned.map(({ report }) => report.brier))),
      figure('Brier score by rules, mean', mean(learned.map(({ report }) => report.brierBefore))),
      figure('calibration error, mean', mean(errors)),
      figure('distance from the true likelihood, root mean square', mean(learned.map(({ off }) => off))),
      figure(
        'calibrated by steps',
        learned.filter(({ model }) => model.calibration.name === 'ISOTONIC').length,
      ),
    ],
    bars: [
      bar('calibration error, p95 of worlds', quantile(errors, 0.95), 'at most', MOST_CALIBRATION_ERROR),
      bar(
        'worlds in which it does better than rules',
        learned.filter(({ isBetter }) => isBetter).length,
        'at least',
        options.worlds,
      ),
      bar(
        'versions held that did worse',
        learned.filter(({ isWorseHeld }) => isWorseHeld).length,
        'at most',
        0,
      ),
    ],
    detail: { errors },
  })
}
