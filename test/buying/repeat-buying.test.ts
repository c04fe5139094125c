import { describe, expect, it } from 'vitest'
import {
  fitRepeatBuying,
  fitSpending,
  gatherer,
  learnBuying,
} from '#subgraphs/insights/domain/buying/learning.ts'
import {
  expectedPurchases,
  type History,
  logChanceOf,
  logLikelihood,
  nextPurchase,
  probabilityAlive,
  type RepeatBuying,
} from '#subgraphs/insights/domain/buying/repeat-buying.ts'
import { dependence, predictSpend } from '#subgraphs/insights/domain/buying/spending.ts'
import { settle } from '#subgraphs/insights/domain/statistics/minimise.ts'
import { buyer, type Chance, chanceFrom, poisson, spender } from '../../bench/simulated-buying.ts'

/** What Fader, Hardie and Lee found of the customers of CDNOW, in weeks. */
const CDNOW: RepeatBuying = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426, firstMayBeLast: 0 }
const SPENDING = { p: 6.25, q: 3.74, gamma: 15.44 }

/** Customers known for 27 to 39 weeks, as theirs. */
const histories = (chance: Chance, model: RepeatBuying, count: number) =>
  Array.from({ length: count }, () => {
    const age = 27 + 12 * chance()
    const times = buyer(chance, model, age)
    return { history: { again: times.length - 1, last: times.at(-1)!, age }, customers: 1 }
  })

describe('how often customers buy again', () => {
  it.each([0, 1] as const)(
    'is found from what they did, within the bounds that are given with it (first may be last: %i)',
    (firstMayBeLast) => {
      const truth = { ...CDNOW, r: 0.6, firstMayBeLast }
      const found = settle(fitRepeatBuying(histories(chanceFrom(11), truth, 1200), firstMayBeLast))!
      for (const name of ['r', 'alpha', 'a', 'b'] as const) {
        expect(found.bounds![name].low, name).toBeLessThan(truth[name])
        expect(found.bounds![name].high, name).toBeGreaterThan(truth[name])
      }
    },
  )

  it('is as likely as the paper says: its customer of two purchases, the last in week 30.43 of 38.86', () => {
    // The conditional expectation for 39 weeks more is 1.226 in Fader, Hardie and Lee’s worked example.
    const history = { again: 2, last: 30.43, age: 38.86 }
    expect(expectedPurchases(CDNOW, history, 39).mean).toBeCloseTo(1.226, 2)
    expect(probabilityAlive(CDNOW, history)).toBeGreaterThan(0.7)
  })

  it('sums up to one over all that may happen, in the past as in the future', () => {
    const history = { again: 3, last: 20, age: 30 }
    for (const firstMayBeLast of [0, 1] as const) {
      const model = { ...CDNOW, r: 0.8, firstMayBeLast }
      const chances = Array.from({ length: 80 }, (_, count) =>
        Math.exp(logChanceOf(model, history, 30, count)),
      )
      expect(chances.reduce((t, p) => t + p, 0)).toBeCloseTo(1, 5)
      const { mean, square, none } = expectedPurchases(model, history, 30)
      expect(chances.reduce((t, p, n) => t + n * p, 0)).toBeCloseTo(mean, 4)
      expect(chances.reduce((t, p, n) => t + n * n * p, 0)).toBeCloseTo(square, 3)
      expect(chances[0]).toBeCloseTo(none, 5)
    }
  })

  it.each([0, 1] as const)(
    'foretells what simulated customers of the same past do (first may be last: %i)',
    (firstMayBeLast) => {
      const model = { ...CDNOW, r: 0.8, alpha: 6, firstMayBeLast }
      const chance = chanceFrom(3)
      let [expected, observed, alive, bought] = [0, 0, 0, 0]
      for (let n = 0; n < 20_000; n++) {
        const times = buyer(chance, model, 70)
        const past = times.filter((at) => at <= 30)
        const history: History = { again: past.length - 1, last: past.at(-1)!, age: 30 }
        const foretold = expectedPurchases(model, history, 40)
        expected += foretold.mean
        observed += times.length - past.length
        alive += 1 - foretold.none
        bought += times.length > past.length ? 1 : 0
      }
      expect(expected / observed).toBeGreaterThan(0.97)
      expect(expected / observed).toBeLessThan(1.03)
      expect(alive / bought).toBeGreaterThan(0.97)
      expect(alive / bought).toBeLessThan(1.03)
    },
  )

  it('falls with every week of silence, and the more the oftener somebody bought', () => {
    const alive = (again: number, silence: number) =>
      probabilityAlive(CDNOW, { again, last: 40, age: 40 + silence })
    for (const again of [1, 5, 30])
      expect([1, 5, 20, 60].map((weeks) => alive(again, weeks))).toEqual(
        [1, 5, 20, 60].map((weeks) => alive(again, weeks)).sort((a, b) => b - a),
      )
    expect(alive(30, 20)).toBeLessThan(alive(5, 20))
    expect(probabilityAlive(CDNOW, { again: 0, last: 0, age: 100 })).toBe(1)
    expect(probabilityAlive({ ...CDNOW, firstMayBeLast: 1 }, { again: 0, last: 0, age: 100 })).toBeLessThan(1)
  })

  it('is finite for who buys daily for ten years', () => {
    const history = { again: 3600, last: 520, age: 520.1 }
    const { mean, square, none } = expectedPurchases(CDNOW, history, 156)
    for (const value of [mean, square, none, logLikelihood(CDNOW)(history)])
      expect(Number.isFinite(value)).toBe(true)
    expect(mean).toBeGreaterThan(100)
    expect(nextPurchase(CDNOW, history, 0.5)).toBeLessThan(1)
  })
})

describe('what customers will spend', () => {
  it('is found from what they spent, within the bounds that are given with it', () => {
    const chance = chanceFrom(5)
    const spent = Array.from({ length: 1500 }, () => {
      const purchases = 2 + poisson(chance, 4)
      const next = spender(chance, SPENDING)
      return {
        purchases,
        mean: Array.from({ length: purchases }, next).reduce((t, each) => t + each, 0) / purchases,
      }
    })
    const found = settle(fitSpending(spent))!
    for (const name of ['p', 'q', 'gamma'] as const) {
      expect(found.bounds![name].low, name).toBeLessThan(SPENDING[name])
      expect(found.bounds![name].high, name).toBeGreaterThan(SPENDING[name])
    }
    expect(Math.abs(dependence(spent))).toBeLessThan(0.1)
  })

  it('is foretold right on average, with one in ten beyond the upper bound at most, and as few below the lower', () => {
    const chance = chanceFrom(6)
    const model: RepeatBuying = { r: 0.9, alpha: 8, a: 0.8, b: 3, firstMayBeLast: 1 }
    const spending = { p: 4, q: 4, gamma: 300 }
    let [expected, observed, above, below] = [0, 0, 0, 0]
    const count = 6000
    for (let n = 0; n < count; n++) {
      const age = 20 + 100 * chance()
      const times = buyer(chance, model, age + 52)
      const next = spender(chance, spending)
      const values = times.map(next)
      const past = times.filter((at) => at <= age)
      const total = (some: readonly number[]) => some.reduce((t, value) => t + value, 0)
      const history = { again: past.length - 1, last: past.at(-1)!, age }
      const spent = { purchases: past.length, mean: total(values.slice(0, past.length)) / past.length }
      const foretold = predictSpend(spending, spent, expectedPurchases(model, history, 52))!
      const came = total(values.slice(past.length))
      expected += foretold.expected
      observed += came
      above += came > foretold.high ? 1 : 0
      below += came < foretold.low ? 1 : 0
    }
    expect(expected / observed).toBeGreaterThan(0.95)
    expect(expected / observed).toBeLessThan(1.05)
    expect(above / count).toBeLessThan(0.115)
    expect(below / count).toBeLessThan(0.115)
  })

  it('is not said where those that buy often spend otherwise than the others', () => {
    const chance = chanceFrom(8)
    const gathering = gatherer('ORDER', 20_000)
    for (let n = 0; n < 150; n++) {
      const times = buyer(chance, { r: 2, alpha: 10, a: 0.8, b: 4, firstMayBeLast: 0 }, 120)
      const list = [...new Set(times.map((at) => Math.round(20_000 - 840 + 7 * at)))].map((day) => ({
        ...{ day, recordId: 'order', amount: 10 * times.length ** 2 },
      }))
      gathering.take({ list, currency: 'USD' })
    }
    const learned = settle(learnBuying(gathering.gathered(), null))!
    expect(learned.report.spendingDependence).toBeGreaterThan(0.3)
    expect(learned.model.spending).toBeNull()
  })
})
