import { describe, expect, it } from 'vitest'
import type { BuyingModel } from '#subgraphs/insights/domain/buying/learning.ts'
import { silenceOf } from '#subgraphs/insights/domain/buying/value.ts'
import { chance, DAY, NOW } from '#test/insights/facts.ts'
import { chanceFrom, normal } from '../../bench/simulated-buying.ts'
import { findingsOf, order, won } from './bought.ts'

const model: BuyingModel = {
  ...{ version: 7, kind: 'ORDER', error: 0.1 },
  repeat: { r: 1, alpha: 8, a: 0.8, b: 3, firstMayBeLast: 1 },
  spending: { p: 4, q: 4, gamma: 300, currency: 'USD' },
}
const irregular = [3, 9, 60, 64, 150, 300].map((days) => order(days, 100 + days))
const learned = { buying: model }

describe('what a customer will still spend', () => {
  it('is told with an interval, and rests on its purchases and on what was learned from all', () => {
    const { value } = findingsOf(irregular, learned).values
    expect(value).toMatchObject({
      currency: 'USD',
      on: '2026-11-17',
      method: 'mbg-nbd+gamma-gamma@1',
      modelVersion: 7,
    })
    for (const { expected, low, high } of [value!.year, value!.threeYears]) {
      expect(Number(low)).toBeLessThan(Number(expected))
      expect(Number(expected)).toBeLessThan(Number(high))
    }
    expect(Number(value!.threeYears.expected)).toBeGreaterThan(Number(value!.year.expected))
    expect(value!.confidence).toBeLessThanOrEqual(69)
  })

  it('is unknown before anything was learned, of purchases of another kind, and in another currency', () => {
    expect(findingsOf(irregular).values.value).toBeUndefined()
    expect(findingsOf([won(5), won(50)], learned).values.value).toBeUndefined()
    expect(findingsOf([order(5, 10, { unit: 'EUR' })], learned).values.value).toBeUndefined()
    expect(findingsOf([order(5, null)], learned).values.value).toBeUndefined()
    expect(findingsOf(irregular, { buying: { ...model, spending: null } }).values.value).toBeUndefined()
  })

  it('is less by what was given back', () => {
    const back = order(2, 200, { label: 'RETURN' })
    const [kept, returned] = [irregular, [...irregular, back]].map(
      (facts) => findingsOf(facts, learned).values.value!,
    )
    expect(Number(returned!.year.expected)).toBeLessThan(Number(kept!.year.expected))
    expect(returned!.year.purchases).toBe(kept!.year.purchases)
  })

  it('moves a week at a time, four weeks at a time behind half a year, and no more behind five', () => {
    const last = 20_000
    const at = (days: number) => silenceOf(last, new Date((last + days) * DAY))
    expect(at(6.99)).toEqual({ weeks: 0, changesAt: new Date((last + 7) * DAY) })
    expect(at(7)).toEqual({ weeks: 1, changesAt: new Date((last + 14) * DAY) })
    expect(at(26 * 7)).toEqual({ weeks: 26, changesAt: new Date((last + 30 * 7) * DAY) })
    expect(at(29.9 * 7).weeks).toBe(26)
    expect(at(9999)).toEqual({ weeks: 258, changesAt: null })
    for (let days = 0; days < 2200; days += 3.7) {
      const { weeks, changesAt } = at(days)
      if (changesAt === null) break
      expect(silenceOf(last, new Date(changesAt.getTime() - 1)).weeks).toBe(weeks)
      expect(silenceOf(last, changesAt).weeks).toBeGreaterThan(weeks)
    }
  })

  it('and when it buys next move with time only when they said that they would', () => {
    const random = chance(4)
    for (let n = 0; n < 80; n++) {
      const gap = 5 + 60 * random()
      const facts = Array.from({ length: 1 + Math.floor(random() * 12) }, (_, k) =>
        order(400 * random() ** 3 + k * gap * (random() < 0.5 ? 1 : 0.5 + random()), 50 + 100 * random()),
      )
      const { values, dueAt } = findingsOf(facts, learned)
      const until = dueAt?.getTime() ?? NOW.getTime() + 1500 * DAY
      for (const share of [random(), 1 - 1e-9]) {
        const at = new Date(Math.min(until - 1, NOW.getTime() + (until - NOW.getTime()) * share))
        expect(findingsOf(facts, learned, at).values).toEqual(values)
      }
    }
  })
})

describe('when a customer buys next', () => {
  it('is as its own rhythm has it, where it has one', () => {
    const facts = [10, 40, 69, 100, 131, 160, 191].map((days) => order(days))
    const { nextOrder } = findingsOf(facts).values
    expect(nextOrder).toMatchObject({ on: '2026-12-10', method: 'own-rhythm@1' })
    expect(nextOrder!.earliest < nextOrder!.on && nextOrder!.on < nextOrder!.latest).toBe(true)
  })

  it('is looked at anew the day behind the last on which its rhythm expects it', () => {
    const facts = [3, 10, 17, 24, 31, 38, 45].map((days) => order(days))
    const { values, dueAt } = findingsOf(facts)
    expect(values.nextOrder!.latest).toBe('2026-11-24')
    expect(dueAt).toEqual(new Date('2026-11-25T00:00:00Z'))
    expect(findingsOf(facts, {}, dueAt!).values.nextOrder).toBeUndefined()
  })

  it('is as others have it once its own has failed, and nobody expects who has probably ceased', () => {
    const regular = (newest: number) => [0, 30, 60, 90, 120, 150, 180].map((days) => order(newest + days))
    expect(findingsOf(regular(40)).values.nextOrder).toBeUndefined()
    const late = findingsOf(regular(40), learned).values.nextOrder!
    expect(late.method).toBe('mbg-nbd@1')
    expect(late.on > '2026-11-20').toBe(true)
    expect(findingsOf(regular(400), learned).values.nextOrder).toBeUndefined()
  })

  it('lies between its bounds in eight of ten cases', () => {
    const random = chanceFrom(12)
    let inside = 0
    const cases = 1500
    for (let n = 0; n < cases; n++) {
      const gaps = Array.from({ length: 8 }, () =>
        Math.max(1, Math.round(30 * Math.exp(0.2 * normal(random)))),
      )
      const [next, ...past] = gaps
      const facts = [
        order(0),
        ...past.map((_, k) => order(past.slice(0, k + 1).reduce((t, gap) => t + gap, 0))),
      ]
      const found = findingsOf(facts).values.nextOrder
      if (!found) continue
      const day = new Date(NOW.getTime() + next! * DAY).toISOString().slice(0, 10)
      if (found.earliest <= day && day <= found.latest) inside++
    }
    expect(inside / cases).toBeGreaterThan(0.77)
    expect(inside / cases).toBeLessThan(0.87)
  })
})
