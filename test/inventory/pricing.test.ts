import { expect, it } from 'vitest'
import { quotesFor } from '#subgraphs/inventory/domain/part-advice.ts'
import {
  advisePrice as advise,
  agingDiscount,
  believe,
  bestMarkup,
  lambertOfExp,
} from '#subgraphs/inventory/domain/pricing.ts'
import type { PastQuote } from '#subgraphs/inventory/domain/win-rates.ts'
import { ASKED, drawsOf, MARKETS, NOW, priceMarket, quotesAlong, trulyBest } from '../../bench/markets.ts'

/** Quotes at prices all over, decided along a known curve: of the part that is asked for, to the same customer, today. */
const history = (seed: number, count: number, curve = { halfway: 1.32, steepness: 11 }): PastQuote[] =>
  quotesAlong(drawsOf(seed), count, curve).map((quote) => ({ ...quote, ...ASKED, ageDays: 0, share: 1 }))
const advisePrice = (quotes: readonly PastQuote[], discount = 0) => advise(ASKED, quotes, discount)
const told = (quotes: readonly PastQuote[]): number => believe(ASKED, quotes).evidence

it('finds the markup that earns most of a known curve, and no other earns more', () => {
  for (const [halfway, steepness] of [
    [1.2, 6],
    [1.35, 12],
    [1.6, 30],
  ] as const) {
    for (const worth of [1, 0.9]) {
      const profit = (m: number) => (m - worth) / (1 + Math.exp(steepness * (m - halfway)))
      const best = bestMarkup(halfway, steepness, worth)
      for (let m = worth; m < 2.5; m += 0.01) expect(profit(m)).toBeLessThanOrEqual(profit(best) + 1e-12)
    }
  }
  expect(lambertOfExp(1)).toBeCloseTo(1, 12)
  for (const x of [-30, -1, 0.5, 20, 200])
    expect(lambertOfExp(x) + Math.log(lambertOfExp(x))).toBeCloseTo(x, 9)
})

it('advises on a price with an interval that narrows and a confidence that grows with what is known', () => {
  const best = bestMarkup(1.32, 11)
  const [few, many] = [advisePrice(history(7, 12))!, advisePrice(history(7, 300))!]
  for (const advice of [few, many]) {
    expect(advice.low).toBeLessThanOrEqual(best)
    expect(advice.high).toBeGreaterThanOrEqual(best)
    expect(advice.markup).toBeGreaterThan(advice.low)
    expect(advice.markup).toBeLessThan(advice.high)
  }
  expect(many.high - many.low).toBeLessThan((few.high - few.low) / 2)
  expect(many.confidence).toBeGreaterThan(few.confidence)
  expect(many.confidence).toBeLessThan(95)
  expect(many.markup).toBeCloseTo(best, 1)
})

it('keeps the true optimum inside its interval in nine of ten histories', () => {
  const draw = drawsOf(11)
  let inside = 0
  for (let n = 0; n < 40; n += 1) {
    const curve = { halfway: 1.15 + draw() * 0.35, steepness: 6 + draw() * 14 }
    const advice = advisePrice(history(100 + n, 20 + Math.floor(draw() * 60), curve))!
    const best = bestMarkup(curve.halfway, curve.steepness)
    if (advice.low <= best && best <= advice.high) inside += 1
  }
  expect(inside).toBeGreaterThanOrEqual(36)
})

it('gives no advice from too little, or from what was only won or only lost', () => {
  expect(advisePrice([])).toBeNull()
  expect(advisePrice(history(7, 2))).toBeNull()
  expect(advisePrice(Array(50).fill({ ...ASKED, markup: 1.3, isWon: true, ageDays: 0, share: 1 }))).toBeNull()
  const elsewhere = { componentId: 'b', family: 'other', accountId: 'customer 2', quantity: 1_000_000 }
  expect(advisePrice(history(7, 50).map((quote) => ({ ...quote, ...elsewhere, ageDays: 7_300 })))).toBeNull()
})

it('moves with the customers: who took less at the same prices is offered less', () => {
  const dear = advisePrice(history(3, 200, { halfway: 1.45, steepness: 12 }))!
  const cheap = advisePrice(history(3, 200, { halfway: 1.2, steepness: 12 }))!
  expect(cheap.markup).toBeLessThan(dear.markup)
  expect(cheap.winChance).toBeGreaterThan(0)
  expect(cheap.winChance).toBeLessThan(1)
})

it('lets relatives, other customers, other quantities and the past tell less', () => {
  const here = history(7, 60)
  const others = [
    { componentId: 'b' },
    { componentId: 'b', family: 'other' },
    { accountId: 'customer 2' },
    { quantity: 30_000 },
    { ageDays: 900 },
  ].map((more) => here.map((quote) => ({ ...quote, ...more })))
  for (const quotes of others) expect(told(quotes)).toBeLessThan(told(here))
  expect(told(others[1]!)).toBeLessThan(told(others[0]!))
  // However many quotes of others there are: how this customer differs from them they cannot tell.
  const many = history(7, 2_000).map((quote) => ({ ...quote, accountId: 'customer 2' }))
  expect(told(many)).toBeLessThan(told(history(7, 200)))
})

it('counts a request of many lines as one quote: it is won or lost as a whole', () => {
  const lines = (requests: number) =>
    history(7, 40).map(({ ageDays, share, ...quote }, n) => ({
      ...{ ...quote, rfqId: `request ${n % requests}`, decidedAt: NOW },
    }))
  const shares = quotesFor(ASKED, lines(4), NOW).map(({ share }) => share)
  expect(shares).toEqual(Array(40).fill(0.1))
  expect(told(quotesFor(ASKED, lines(4), NOW))).toBeLessThan(told(quotesFor(ASKED, lines(40), NOW)) / 3)
})

it('says of its intervals what they hold, over markets that stand still and markets that move', () => {
  const levels = [0.5, 0.8, 0.95]
  const inside = levels.map(() => 0)
  const beliefs = Object.values(MARKETS).flatMap((market) =>
    Array.from({ length: 60 }, (_, n) => {
      const { curve, decided } = priceMarket(20_000 + n, market)
      return { best: trulyBest(curve), belief: believe(ASKED, quotesFor(ASKED, decided, NOW)) }
    }),
  )
  for (const { best, belief } of beliefs)
    levels.forEach((level, i) => {
      if (belief.below((1 - level) / 2) <= best && best <= belief.below((1 + level) / 2)) inside[i]! += 1
    })
  // The same histories each time; of 180 such cases one deviation is four points at half, and two at 95 of 100.
  for (const [i, level] of levels.entries())
    expect(Math.abs(inside[i]! / beliefs.length - level)).toBeLessThan(0.06)
})

it('lets go of what has lain long for a little less, and never for more than fifteen per cent less', () => {
  expect([0, 180, 209, 210, 480, 5_000].map(agingDiscount)).toEqual([0, 0, 0, 0.01, 0.1, 0.15])
  const quotes = history(5, 200)
  const [fresh, old] = [advisePrice(quotes)!, advisePrice(quotes, agingDiscount(480))!]
  expect(old.markup).toBeLessThan(fresh.markup)
  expect(old.winChance).toBeGreaterThan(fresh.winChance)
})
