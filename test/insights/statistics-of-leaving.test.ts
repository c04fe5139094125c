import { describe, expect, it } from 'vitest'
import { likelihoodByRules } from '#subgraphs/insights/domain/churn.ts'
import { factorNames } from '#subgraphs/insights/domain/churn-factors.ts'
import { casesOf, isEnough, learnChurn, likelihoodBy } from '#subgraphs/insights/domain/churn-model.ts'
import { RISK_SETTINGS } from '#subgraphs/insights/domain/risk-settings.ts'
import {
  calibrated,
  chooseCalibration,
  fitIsotonic,
  fitPlatt,
  type Scored,
} from '#subgraphs/insights/domain/statistics/calibrating.ts'
import { auc, brier, calibrationError } from '#subgraphs/insights/domain/statistics/classifying.ts'
import { fitLogistic, sigmoid } from '#subgraphs/insights/domain/statistics/logistic.ts'
import { settle } from '#subgraphs/insights/domain/statistics/minimise.ts'
import { simulated, TRUTH, trueLikelihood } from '../../bench/simulated-leaving.ts'
import { chance } from './facts.ts'

const foretold = (...cases: [said: number, happened: 0 | 1][]) =>
  cases.map(([said, happened]) => ({ said, happened: happened === 1 }))

describe('how well likelihoods foretell', () => {
  it('counts how often who left was thought likelier to leave, ties by half', () => {
    expect(auc(foretold([0.1, 0], [0.4, 0], [0.35, 1], [0.8, 1]))).toBe(0.75)
    expect(auc(foretold([0.5, 0], [0.5, 1]))).toBe(0.5)
    expect(auc(foretold([0.1, 0], [0.2, 1], [0.2, 0], [0.9, 1]))).toBe(0.875)
    expect(auc(foretold([0.1, 0], [0.2, 0]))).toBe(0.5)
  })

  it('measures the distance from what happened, case by case and tenth by tenth', () => {
    expect(brier(foretold([1, 1], [0, 0]))).toBe(0)
    expect(brier(foretold([0.5, 1], [0.5, 0], [1, 0], [0, 1]))).toBe(0.625)
    const right = Array.from({ length: 100 }, (_, i) => [i < 50 ? 0 : 1, i < 50 ? 0 : 1] as [number, 0 | 1])
    expect(calibrationError(foretold(...right))).toBe(0)
    // Of ten in a hundred it is said that twenty leave.
    const tenth = Array.from({ length: 100 }, (_, i) => [0.2, i % 10 === 0 ? 1 : 0] as [number, 0 | 1])
    expect(calibrationError(foretold(...tenth))).toBeCloseTo(0.1, 10)
  })
})

describe('logistic regression', () => {
  it('finds the weights that the cases were made by, in the features’ own units', () => {
    const random = chance(5)
    const examples = Array.from({ length: 6000 }, () => {
      const features = [random() * 2 - 1, random() * 1000, 7]
      return { features, happened: random() < sigmoid(-1 + 2 * features[0]! + 0.003 * features[1]!) }
    })
    const { intercept, weights } = settle(fitLogistic(examples))
    expect(intercept).toBeCloseTo(-1, 0)
    expect(weights[0]! / 2).toBeCloseTo(1, 0)
    expect(weights[1]! / 0.003).toBeCloseTo(1, 0)
    // What is the same of everybody tells nothing.
    expect(weights[2]).toBe(0)
  })

  it('stays finite where a feature tells all, or two tell the same', () => {
    const examples = Array.from({ length: 40 }, (_, i) => ({ features: [i, i], happened: i >= 20 }))
    const { intercept, weights } = settle(fitLogistic(examples))
    expect([intercept, ...weights].every(Number.isFinite)).toBe(true)
    expect(weights[0]).toBeCloseTo(weights[1]!, 6)
    expect(weights[0]).toBeGreaterThan(0)
  })
})

describe('calibration', () => {
  const cases = (random: () => number, count: number, truth: (x: number) => number): Scored[] =>
    Array.from({ length: count }, () => {
      const logOdds = random() * 6 - 3
      return { logOdds, happened: random() < truth(logOdds) }
    })

  it('takes a curve where it is one, and steps where it is not', () => {
    const random = chance(8)
    const chosen = (truth: (x: number) => number) =>
      settle(chooseCalibration(cases(random, 1500, truth))).name
    expect(chosen((x) => sigmoid(0.5 * x - 2))).toBe('PLATT')
    expect(chosen((x) => (x > 0 ? 0.9 : x > -1 ? 0.5 : 0.45))).toBe('ISOTONIC')
  })

  it('never says less for higher odds, nothing beyond 0 and 1, and nothing certain', () => {
    const random = chance(9)
    const some = cases(random, 300, (x) => sigmoid(x))
    for (const fitted of [fitIsotonic(some), settle(fitPlatt(some))]) {
      const said = Array.from({ length: 200 }, (_, i) => calibrated(fitted, i / 20 - 5))
      for (const [i, p] of said.entries()) {
        expect(p).toBeGreaterThan(0)
        expect(p).toBeLessThan(1)
        if (i > 0) expect(p).toBeGreaterThanOrEqual(said[i - 1]!)
      }
    }
  })
})

describe('what is learned of who leaves', () => {
  const byRules = likelihoodByRules(RISK_SETTINGS)
  const learnt = (seed: number, count: number, before = byRules) => {
    const random = chance(seed)
    const cases = {
      learn: simulated(random, count),
      calibrate: simulated(random, count / 2),
      try: simulated(random, count),
    }
    expect(isEnough(cases)).toBe(true)
    return settle(learnChurn(cases, before))
  }

  it('is within three hundredths of how often customers of a made-up world leave, and better than rules', () => {
    const { model, report, isBetter } = learnt(21, 6000)
    expect(isBetter).toBe(true)
    expect(report.calibrationError).toBeLessThanOrEqual(0.03)
    expect(report.brier).toBeLessThan(report.brierBefore)
    expect(report.auc).toBeGreaterThan(0.65)
    for (const [i, name] of model.factors.entries())
      expect(Math.abs(model.weights[i]! - TRUTH.weights[name])).toBeLessThan(0.5)
    // Against the truth itself, which only a made-up world knows.
    const random = chance(22)
    const off = simulated(random, 2000).map(
      ({ strengths }) => likelihoodBy(model)(strengths) - trueLikelihood(strengths),
    )
    expect(Math.sqrt(off.reduce((sum, d) => sum + d * d, 0) / off.length)).toBeLessThan(0.03)
  })

  it('is not held when what was held before does better on the same customers', () => {
    const { isBetter, report } = learnt(23, 300, trueLikelihood)
    expect(isBetter).toBe(false)
    expect(report.brier).toBeGreaterThan(report.brierBefore)
  })

  it('leaves out what nobody showed', () => {
    const random = chance(24)
    const without = simulated(random, 2000).map(({ strengths, left }) => {
      const { PAYMENT_OVERDUE: _, ...others } = strengths
      return { strengths: others, left }
    })
    const { model } = settle(learnChurn({ learn: without, calibrate: without, try: without }, byRules))
    expect(model.factors).toEqual(factorNames.filter((name) => name !== 'PAYMENT_OVERDUE'))
  })

  it('learns of moments before days were kept only where it has to, and then nothing from days', () => {
    const moment = (daysAgo: number, count: number) => ({
      at: new Date(Date.UTC(2026, 10, 20) - daysAgo * 86_400_000),
      cases: simulated(chance(daysAgo), count),
    })
    const since = new Date(Date.UTC(2026, 0, 1))
    const names = (found: ReturnType<typeof casesOf>) =>
      new Set(found.learn.flatMap((one) => Object.keys(one.strengths)))
    const many = [90, 180, 270, 360, 450].map((days) => moment(days, 600))
    const recent = casesOf(many, since)
    expect([recent.try, recent.calibrate, recent.learn]).toEqual(many.slice(0, 3).map(({ cases }) => cases))
    expect(names(recent)).toContain('FALLING_USAGE')
    // With fewer, all moments are needed; nobody tells days at all: they are, with everything.
    const few = [90, 180, 270, 360, 450].map((days) => moment(days, 40))
    expect(casesOf(few, since).learn).toHaveLength(120)
    expect([...names(casesOf(few, since))].filter((name) => name.startsWith('FALLING'))).toEqual([])
    expect(names(casesOf(few, null))).toContain('FALLING_ANSWERS')
  })

  it('needs enough who left, and enough who stayed', () => {
    const some = (left: number, stayed: number) => [
      ...Array.from({ length: left }, () => ({ strengths: {}, left: true })),
      ...Array.from({ length: stayed }, () => ({ strengths: {}, left: false })),
    ]
    expect(isEnough({ learn: some(20, 50), calibrate: some(10, 50), try: some(10, 10) })).toBe(true)
    expect(isEnough({ learn: some(19, 50), calibrate: some(10, 50), try: some(10, 10) })).toBe(false)
    expect(isEnough({ learn: some(20, 50), calibrate: some(10, 50), try: some(10, 9) })).toBe(false)
  })
})
