import { describe, expect, it } from 'vitest'
import { ago, chance, DAY, fact, NOW, randomFacts, shuffled } from '#test/insights/facts.ts'
import { findingsOf, order, won } from './bought.ts'

/** Orders a fixed number of days apart, the newest so many days ago. */
const every = (gap: number, count: number, newest = 3) =>
  Array.from({ length: count }, (_, n) => order(newest + n * gap))
const behaviourOf = (...args: Parameters<typeof findingsOf>) => findingsOf(...args).values.buying
const classOf = (...args: Parameters<typeof every>) => behaviourOf(every(...args))?.frequency.class

describe('how often a customer buys', () => {
  it('is named by the median of the days between its purchases', () => {
    expect([7, 14, 30, 91, 182, 365].map((gap) => classOf(gap, 6))).toEqual([
      ...['WEEKLY', 'BIWEEKLY', 'MONTHLY', 'QUARTERLY', 'HALF_YEARLY', 'YEARLY'],
    ])
    expect(classOf(700, 3)).toBe('RARE')
    expect(classOf(30, 1)).toBe('SINGLE')
  })

  it('is irregular when the middle half of the times differ by more than their median', () => {
    const at = [3, 5, 8, 90, 95, 250, 260, 262].map((days) => order(days))
    expect(behaviourOf(at)!.frequency).toMatchObject({ class: 'IRREGULAR' })
    expect(behaviourOf(at)!.frequency.regularity).toBeLessThan(0.5)
  })

  it('takes what is bought on one day for one purchase', () => {
    const twice = every(30, 5).flatMap((one) => [one, { ...one, recordId: `${one.recordId}-too` }])
    expect(behaviourOf(twice)).toMatchObject({
      frequency: { class: 'MONTHLY' },
      evidence: { purchases: 5 },
      value: { mean: '200.00', purchases: 5 },
    })
  })

  it('is relied on the more the more purchases there are, and never more than one system is', () => {
    const confidences = [2, 3, 6, 20, 200].map((count) => behaviourOf(every(5, count))!.frequency.confidence)
    expect(confidences).toEqual([...confidences].sort((a, b) => a - b))
    expect(confidences.at(-1)).toBeLessThanOrEqual(69)
    expect(behaviourOf([order(3)])!.frequency.confidence).toBe(0)
  })
})

describe('what counts as a purchase', () => {
  it('is an order; deals only for a customer without one, so that nothing counts twice', () => {
    expect(behaviourOf([order(10), won(10, 900), won(50, 900)])).toMatchObject({
      evidence: { kind: 'ORDER', purchases: 1, sources: ['C3'] },
      value: { mean: '100.00' },
    })
    expect(behaviourOf([won(10, 900), won(50, 900)])).toMatchObject({
      evidence: { kind: 'DEAL', purchases: 2, sources: ['HUBSPOT'] },
      value: { mean: '900.00' },
    })
  })

  it('is no deal that is open or lost, no request for prices, nothing that was given back, and nothing that is yet to come', () => {
    const none = [
      ...[
        won(10, 5, { label: 'lost' }),
        won(10, 5, { label: 'open', endedAt: null }),
        won(10, 5, { endedAt: ago(-4) }),
      ],
      ...[
        fact('rfq', { label: 'WON', amount: 50, unit: 'USD', happenedAt: ago(9) }),
        order(5, 100, { label: 'RETURN' }),
      ],
    ]
    const { buying, value, nextOrder, opportunities } = findingsOf(none).values
    expect([buying, value, nextOrder, opportunities]).toEqual([undefined, undefined, undefined, undefined])
  })

  it('leaves out amounts of other currencies, and says how many: they are not added', () => {
    const mixed = [...every(30, 4), order(200, 9999, { unit: 'EUR' }), order(300, null)]
    expect(behaviourOf(mixed)!.value).toMatchObject({
      mean: '100.00',
      currency: 'USD',
      purchases: 4,
      leftOut: 2,
    })
    expect(behaviourOf([order(5, null)])).toMatchObject({ value: null, evidence: { purchases: 1 } })
  })
})

describe('whether a customer buys for more or for less', () => {
  it('is not said of somebody who went over to another currency: what is left out is not a fall', () => {
    const switched = Array.from({ length: 30 }, (_, n) =>
      order(30 * n + 1, 100, n < 12 ? { unit: 'EUR' } : {}),
    )
    expect(behaviourOf(switched)).toMatchObject({ trend: null, seasons: null, value: { leftOut: 12 } })
  })

  const monthly = (amount: (n: number) => number, months = 20) =>
    Array.from({ length: months }, (_, n) => order(10 + 30.4 * (months - 1 - n), amount(n)))

  it('is told when chance would hardly show as much, with how much that is in a year', () => {
    const noise = chance(1)
    const trend = (slope: number) => behaviourOf(monthly((n) => 1000 + slope * n + 100 * noise()))!.trend!
    expect(trend(50)).toMatchObject({ direction: 'INCREASING', grain: 'MONTH' })
    expect(trend(50).percentPerYear).toBeGreaterThan(30)
    expect(trend(-40)).toMatchObject({ direction: 'DECREASING' })
    expect(trend(0)).toMatchObject({ direction: 'STEADY', percentPerYear: null })
  })

  it('compares quarters of a customer that buys less often', () => {
    const at = Array.from({ length: 16 }, (_, n) => order(20 + 91 * (15 - n), 500 + 90 * n))
    expect(behaviourOf(at)!.trend).toMatchObject({ direction: 'INCREASING', grain: 'QUARTER' })
  })

  it('is unknown before eight whole months, and falls for who has ceased to buy', () => {
    expect(behaviourOf(every(14, 14))!.trend).toBeNull()
    expect(behaviourOf(every(14, 30, 300))!.trend).toMatchObject({ direction: 'DECREASING' })
  })
})

describe('when in the year a customer buys', () => {
  const yearly = (years: number, factor: (month: number) => number, growth = 0) => {
    const noise = chance(years)
    return Array.from({ length: 12 * years + 1 }, (_, n) => {
      const at = new Date(Date.UTC(2026, 10 - (12 * years + 1) + n, 15))
      const amount = (1000 + growth * n) * factor(at.getUTCMonth() + 1) * (0.9 + 0.2 * noise())
      return order(0, amount, { happenedAt: at })
    })
  }

  it('is told for months that stand out year after year, also while it grows', () => {
    const { isSeasonal, months, quarters } = behaviourOf(yearly(4, (m) => (m >= 11 ? 3 : 1), 20))!.seasons!
    expect(isSeasonal).toBe(true)
    expect(months.filter(([, percent]) => percent > 130).map(([month]) => month)).toEqual([11, 12])
    expect(quarters.filter(([, percent]) => percent > 130).map(([quarter]) => quarter)).toEqual([4])
  })

  it('is not told of a customer that only grows', () => {
    expect(behaviourOf(yearly(4, () => 1, 60))!.seasons).toMatchObject({
      isSeasonal: false,
      months: [],
      quarters: [],
    })
  })

  it('is unknown for fewer than 24 whole months', () => {
    expect(behaviourOf(yearly(1, (m) => (m >= 11 ? 3 : 1)))!.seasons).toBeNull()
    expect(behaviourOf(yearly(2, (m) => (m >= 11 ? 3 : 1)))!.seasons).not.toBeNull()
  })
})

describe('laws of what is said of buying', () => {
  it('it is the same whatever order the facts come in, and moves with time only when it said that it would', () => {
    const random = chance(7)
    for (let n = 0; n < 60; n++) {
      const facts = [
        ...randomFacts(random),
        ...Array.from({ length: Math.floor(random() * 40) }, () =>
          order(random() * 1500, Math.round(random() * 1e4) / 100),
        ),
      ]
      const { values, dueAt } = findingsOf(facts)
      expect(findingsOf(shuffled(random, facts)).values).toEqual(values)
      const next = Math.min(
        dueAt?.getTime() ?? Number.POSITIVE_INFINITY,
        ...facts.flatMap(({ happenedAt, endedAt }) =>
          [happenedAt, endedAt].flatMap((at) => (at && at > NOW ? [at.getTime()] : [])),
        ),
        NOW.getTime() + 2000 * DAY,
      )
      const before = new Date(NOW.getTime() + (next - 1 - NOW.getTime()) * random())
      expect(findingsOf(facts, {}, before).values).toEqual(values)
      expect(findingsOf(facts, {}, new Date(next - 1)).values).toEqual(values)
    }
  })

  it('what is kept of a customer is small', () => {
    expect(JSON.stringify(behaviourOf(every(30, 40))).length).toBeLessThan(750)
  })
})
