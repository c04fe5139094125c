import { describe, expect, it } from 'vitest'
import { HEALTH_SETTINGS } from '#subgraphs/insights/domain/health-settings.ts'
import type { Series, Signal } from '#subgraphs/insights/domain/signal.ts'
import {
  ago,
  chance,
  DAY,
  fact,
  healthOf as healthOfFacts,
  NOW,
  randomFacts,
  randomSeries,
  shuffled,
} from './facts.ts'

const CUSTOMERS = 1000
/** What was told day by day of the customer of whom these are the facts. */
const days = new Map<readonly Signal[], readonly Series[]>()
const healthOf = (signals: readonly Signal[], asOf: Date, of = signals) =>
  healthOfFacts(signals, asOf, HEALTH_SETTINGS, days.get(of))
const all = (() => {
  const random = chance(20261120)
  return Array.from({ length: CUSTOMERS }, () => {
    const signals = randomFacts(random)
    days.set(signals, random() < 0.4 ? randomSeries(random) : [])
    return signals
  })
})()

describe('whatever the facts', () => {
  it('the contributions sum to the score, which stays between 0 and 100', () => {
    let scored = 0
    for (const signals of all) {
      const { score, contributions, coverage, confidence } = healthOf(signals, NOW)
      if (score === null) {
        expect(contributions).toEqual([])
        continue
      }
      scored++
      const sum = contributions.reduce((total, c) => total + c.points, 0)
      expect(Math.abs(sum - score)).toBeLessThan(0.005)
      expect(score).toBeGreaterThanOrEqual(0)
      expect(score).toBeLessThanOrEqual(100)
      expect(score).toBe(Number(score.toFixed(2)))
      expect(coverage).toBeGreaterThan(0)
      expect(coverage).toBeLessThanOrEqual(1)
      expect(confidence).toBeGreaterThan(0)
      expect(confidence).toBeLessThanOrEqual(100)
    }
    expect(scored).toBeGreaterThan(CUSTOMERS / 2)
  })

  it('no part passes its most, the mosts sum to 100, and every number can be shown', () => {
    for (const signals of all) {
      const { contributions } = healthOf(signals, NOW)
      for (const c of contributions) {
        expect(c.points).toBeGreaterThanOrEqual(0)
        expect(c.points).toBeLessThanOrEqual(c.outOf)
        expect(Number.isFinite(c.value)).toBe(true)
        expect(c.sources.length).toBeGreaterThan(0)
      }
      const most = contributions.reduce((total, c) => total + c.outOf, 0)
      if (contributions.length > 0) expect(Math.abs(most - 100)).toBeLessThan(0.15)
    }
  })

  it('the sides and their weights explain the score too', () => {
    for (const signals of all) {
      const { score, dimensions, contributions } = healthOf(signals, NOW)
      if (score === null) continue
      const known = dimensions.filter((d) => d.score !== null)
      expect(Math.abs(known.reduce((t, d) => t + d.weight, 0) - 1)).toBeLessThan(0.0003)
      expect(Math.abs(known.reduce((t, d) => t + d.weight * d.score!, 0) - score)).toBeLessThan(0.05)
      for (const d of dimensions)
        expect(d.score === null).toBe(!contributions.some((c) => c.dimension === d.name))
    }
  })

  it('the order of the facts changes nothing', () => {
    const random = chance(2)
    for (const signals of all)
      expect(healthOf(shuffled(random, signals), NOW, signals)).toEqual(healthOf(signals, NOW))
  })

  it('nothing moves before it is due', () => {
    const random = chance(3)
    let waited = 0
    for (const signals of all.slice(0, 750)) {
      const found = healthOf(signals, NOW)
      const { dueAt } = found
      if (dueAt) expect(dueAt.getTime()).toBeGreaterThan(NOW.getTime())
      // What is never due is asked about the far future.
      const last = (dueAt?.getTime() ?? NOW.getTime() + 5000 * DAY) - 1
      for (const at of [
        last,
        ...Array.from({ length: 4 }, () => NOW.getTime() + random() * (last - NOW.getTime())),
      ]) {
        const then = healthOf(signals, new Date(Math.floor(at)))
        expect([then.score, then.confidence, then.coverage]).toEqual([
          found.score,
          found.confidence,
          found.coverage,
        ])
        waited++
      }
    }
    expect(waited).toBe(3750)
  })

  it('going from due to due ends at the same score as looking once, and comes to an end', () => {
    let steps = 0
    for (const signals of all.slice(0, 100)) {
      let at = healthOf(signals, NOW)
      for (; at.dueAt; steps++) at = healthOf(signals, at.dueAt)
      const end = healthOf(signals, new Date(NOW.getTime() + 5000 * DAY))
      expect([at.score, at.confidence]).toEqual([end.score, end.confidence])
    }
    expect(steps).toBeGreaterThan(1000)
  })

  it('one source alone is never trusted beyond 69', () => {
    for (const signals of all) {
      const { confidence, contributions } = healthOf(signals, NOW)
      const sources = new Set(contributions.flatMap((c) => c.sources)).size
      if (sources === 1) expect(confidence).toBeLessThanOrEqual(69)
      if (sources === 2) expect(confidence).toBeLessThanOrEqual(85)
    }
  })
})

const best = [
  [fact('company', { label: 'evangelist', happenedAt: NOW })],
  Array.from({ length: 6 }, () => fact('contact', { happenedAt: NOW })),
  [fact('deal', { label: 'won', amount: 1e6, unit: 'USD', endedAt: NOW })],
  [fact('ticket', { happenedAt: NOW, endedAt: NOW })],
  Array.from({ length: 10 }, () => fact('rfq', { label: 'WON', happenedAt: NOW })),
  [fact('billing', { label: 'CURRENT', amount: 1e6, unit: 'USD' })],
  [fact('account-status', { label: 'ACTIVE' })],
  Array.from({ length: 6 }, () => fact('trunk', { label: 'ACTIVE' })),
]

it('gives exactly 100 when everything known is at its best, however many parts share it', () => {
  for (let some = 1; some < 2 ** best.length; some++) {
    const signals = best.filter((_, i) => some & (1 << i)).flat()
    // An account that is known to have no trunk is not at its best.
    if (some & 32 && !(some & 128)) continue
    expect([some, healthOf(signals, NOW).score]).toEqual([some, 100])
  }
})

it('adds amounts up to the same bit in whatever order they came', () => {
  const won = [1e17, 0.5, -1e17, 0.25].map((amount) =>
    fact('deal', { label: 'won', amount, unit: 'USD', endedAt: NOW }),
  )
  const random = chance(5)
  const values = Array.from(
    { length: 20 },
    () => healthOf(shuffled(random, won), NOW).contributions[0]?.value,
  )
  expect(new Set(values).size).toBe(1)
})

const complete = {
  hubspot: [
    fact('company', { label: 'customer', happenedAt: NOW }),
    fact('contact', { happenedAt: NOW }),
    fact('deal', { label: 'won', amount: 1, unit: 'USD', endedAt: NOW }),
    fact('ticket', { happenedAt: ago(2), endedAt: ago(1) }),
  ],
  c3: [fact('rfq', { label: 'WON', happenedAt: ago(1) })],
  warp: [
    fact('billing', { label: 'CURRENT', amount: 1, unit: 'USD' }),
    fact('account-status', { label: 'ACTIVE' }),
    fact('trunk', { label: 'ACTIVE' }),
  ],
}

it('is more confident with every system that speaks, and completely only when all three do', () => {
  const { hubspot, c3, warp } = complete
  const confidences = [[...hubspot], [...hubspot, ...c3], [...hubspot, ...c3, ...warp]].map(
    (signals) => healthOf(signals, NOW).confidence,
  )
  expect(confidences[0]).toBeLessThanOrEqual(69)
  expect(confidences).toEqual([...confidences].sort((a, b) => a - b))
  expect(new Set(confidences).size).toBe(3)
  expect(confidences[2]).toBe(100)
})

it('is less confident of old news, month by month to two fifths', () => {
  const signals = Object.values(complete).flat()
  const ofAge = (days: number) => healthOf(signals, new Date(NOW.getTime() + days * DAY)).confidence
  expect([0, 59, 60, 359, 360, 3000].map(ofAge)).toEqual([100, 100, 94.55, 45.45, 40, 40])
})

it('misses a fact by less confidence, not by a lower score', () => {
  const signals = Object.values(complete).flat()
  const without = signals.filter((s) => s.kind !== 'rfq')
  const [whole, part] = [healthOf(signals, NOW), healthOf(without, NOW)]
  expect(part.confidence).toBeLessThan(whole.confidence)
  expect(part.coverage).toBeLessThan(whole.coverage)
  expect(part.score).toBeGreaterThan(whole.score! - 1)
})
