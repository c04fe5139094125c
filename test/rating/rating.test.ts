import { describe, expect, it } from 'vitest'
import type { RatePlanTerms } from '#subgraphs/telephony/domain/rate-plans.ts'
import { type ClassTotals, rater } from '#subgraphs/telephony/domain/rating.ts'
import { spendByDay, spendOf } from '#subgraphs/telephony/domain/spend.ts'
import { chanceOf, madeUpTerms, madeUpTotals, slowCost, tenThousandths } from './made-up.ts'

const cost = (terms: RatePlanTerms, totals: readonly ClassTotals[]) =>
  tenThousandths(rater(terms)(totals).total)

describe('what a month costs', () => {
  it('is to the last digit what counting second by second gives, for 10,000 account-months by chance', () => {
    const chance = chanceOf(11)
    const wrong: unknown[] = []
    for (let n = 0; n < 10_000; n++) {
      const terms = madeUpTerms(chance, 6)
      // Now and then a month that is much longer than its steps and its pool.
      const totals = madeUpTotals(chance, n % 100 === 0 ? 30_000 : 1_200, n % 100 === 0 ? 3_000 : 30)
      const [fast, slow] = [cost(terms, totals), slowCost(terms, totals)]
      if (fast !== slow) wrong.push({ terms, totals, fast, slow })
    }
    expect(wrong).toEqual([])
  })

  it('never falls when more is used, and its lines add up to it', () => {
    const chance = chanceOf(12)
    for (let n = 0; n < 2_000; n++) {
      const terms = madeUpTerms(chance, 50_000)
      const totals = madeUpTotals(chance, 9_000_000, 200_000)
      const rated = rater(terms)(totals)
      const lines = rated.lines.map(({ amount }) => tenThousandths(amount))
      expect(lines.reduce((sum, line) => sum + line, 0n)).toBe(tenThousandths(rated.total))
      const more = totals.map((each) => ({ ...each, seconds: each.seconds + chance.whole(0, 5_000) }))
      expect(cost(terms, more)).toBeGreaterThanOrEqual(tenThousandths(rated.total))
    }
  })

  it('is the sum of its days, none of which costs less than nothing', () => {
    const chance = chanceOf(13)
    for (let n = 0; n < 1_000; n++) {
      const terms = madeUpTerms(chance, 30)
      const totals = Array.from(
        { length: chance.whole(1, 31) },
        (_, day) => `2026-10-${String(day + 1).padStart(2, '0')}`,
      ).flatMap((day) =>
        madeUpTotals(chance, 400, 10).map((each) => ({ ...each, day, calls: 0, completed: 0 })),
      )
      const month = { ban: 'A', month: '2026-10', terms, totals }
      const days = [...spendByDay(month)]
      const sums = days.map(([, amount]) => tenThousandths(amount))
      expect(sums.every((sum) => sum >= 0n)).toBe(true)
      expect(sums.reduce((sum, one) => sum + one, 0n)).toBe(tenThousandths(spendOf(month).spend!))
      const [until] = days.at(chance.whole(0, days.length - 1)) ?? []
      const before = days
        .filter(([day]) => until !== undefined && day <= until)
        .map(([, amount]) => tenThousandths(amount))
      if (until !== undefined)
        expect(tenThousandths(spendOf(month, until).spend!)).toBe(before.reduce((sum, one) => sum + one, 0n))
    }
  })

  it('fault 57 (telephony): prices of six decimals times any number of seconds, without a float’s error and rounded once', () => {
    const terms = (price: string): RatePlanTerms => {
      const prices = (['LOCAL', 'TOLLFREE', 'MOBILE', 'INTERNATIONAL'] as const).map((of) => ({
        class: of,
        steps: [{ upTo: null, price }],
      }))
      const none = { monthlyFee: '0', includedMinutes: 0, includedClasses: [], numberPrices: [] }
      return { ...none, currency: 'USD', minutePrices: prices, messagePrices: prices }
    }
    const of = (price: string, seconds: number, messages = 0) =>
      rater(terms(price))([{ class: 'LOCAL', seconds, messages }]).total
    // 0.1 + 0.2 of floats; and a second of a price that no decimal holds.
    expect(of('0.1', 0, 3)).toBe('0.3000')
    expect(of('0.01', 1)).toBe('0.0002')
    expect(of('0.01', 3)).toBe('0.0005')
    // Half a ten-thousandth goes up, a hair less does not.
    expect(of('0.003', 1)).toBe('0.0001')
    expect(of('0.002999', 1)).toBe('0.0000')
    // More than a float counts exactly.
    expect(of('999999.999999', 86_400 * 31 * 1_000)).toBe('44639999999955.3600')
    expect(of('0.000001', 9_007_199_254_740_991)).toBe('150119987.5790')
  })
})
