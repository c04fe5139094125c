import { describe, expect, it } from 'vitest'
import {
  dayOf,
  predictionAt,
  type Steps,
  slopeAt,
  stepsAfter,
  trendOf,
  withCourse,
} from '#subgraphs/insights/domain/course.ts'
import { HEALTH_SETTINGS } from '#subgraphs/insights/domain/health-settings.ts'
import { improvementsOf } from '#subgraphs/insights/domain/improvements.ts'
import { askSubgraph } from '#test/kit/subgraph.ts'
import { ago, chance, DAY, fact, healthOf, NOW, randomFacts } from './facts.ts'
import { payers, start } from './running.ts'
import { says } from './world.ts'

const two = (value: number) => Math.round(value * 100) / 100
/** The steps of a score that stood at these values, day after day, the last one today. */
const daily = (values: readonly (number | null)[]): Steps =>
  values.reduce<Steps>((held, value, i) => stepsAfter(held, ago(values.length - 1 - i), value), [])
/** A bell-shaped chance of spread 1 (Box and Muller). */
const bell = (random: () => number) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
const clamped = (score: number) => two(Math.max(0, Math.min(100, score)))

describe('where a score is going', () => {
  it('is the median of the slopes between every two days, as if it were worked out pair by pair', () => {
    const random = chance(31)
    for (let n = 0; n < 200; n++) {
      const stays = random()
      let score = 50
      const values = Array.from({ length: 14 + Math.floor(random() * 72) }, () => {
        if (random() > stays) score = clamped(score + (random() - 0.45) * 9)
        return score
      })
      const slopes = values
        .flatMap((later, i) => values.slice(0, i).map((earlier, j) => (later - earlier) / (i - j)))
        .sort((a, b) => a - b)
      const [low, high] = [slopes[(slopes.length - 1) >> 1]!, slopes[slopes.length >> 1]!]
      // NOW is a Friday: a score that has not moved since Sunday is looked at as it was on that day.
      const movedOn = values.findLastIndex((value, i) => i === 0 || value !== values[i - 1])
      if (movedOn >= values.length - 6 && values.length <= 84)
        if (movedOn === values.length - 1)
          expect(slopeAt(daily(values), NOW)).toBeCloseTo(two(((low + high) / 2) * 30), 6)
    }
  })

  it('is not known before fourteen days, nor without a score, and steady within what the organisation calls so', () => {
    const rising = (days: number) => daily(Array.from({ length: days }, (_, i) => 40 + i))
    expect(slopeAt(rising(13), NOW)).toBeNull()
    expect(slopeAt(rising(14), NOW)).toBe(30)
    expect(slopeAt([...rising(14), [dayOf(NOW), null]], NOW)).toBeNull()
    expect([2.99, 3, -2.99, -3].map((slope) => trendOf(slope, 3))).toEqual([
      'STEADY',
      'RISING',
      'STEADY',
      'FALLING',
    ])
    expect(trendOf(null, 3)).toBeNull()
  })

  it('is not turned by bad days, up to a quarter of them', () => {
    const random = chance(5)
    const values = Array.from({ length: 60 }, (_, i) => (random() < 0.25 ? 0 : 30 + i * 0.5))
    expect(slopeAt(daily([...values, 60]), NOW)).toBeGreaterThan(10)
    expect(slopeAt(daily([...values, 60]), NOW)).toBeLessThan(18)
  })

  it('moves by time alone only when it is due, and never once nothing has moved for thirteen weeks', () => {
    const random = chance(9)
    let looked = 0
    for (let n = 0; n < 60; n++) {
      const health = { ...healthOf([], NOW), score: 50, dueAt: null }
      const start = daily(Array.from({ length: 1 + Math.floor(random() * 80) }, () => two(random() * 100)))
      let held = withCourse({ ...health, score: start.at(-1)![1] }, undefined, 3)
      held = { ...held, days: start, slope: slopeAt(start, NOW), trend: null }
      let due = 0
      for (;;) {
        const memory = {
          days: held.days,
          slope: held.slope === null ? null : String(held.slope),
          asOf: held.asOf,
        }
        const next = (asOf: Date) => withCourse({ ...health, score: held.days.at(-1)![1], asOf }, memory, 3)
        const { dueAt } = next(held.asOf)
        const until = dueAt?.getTime() ?? held.asOf.getTime() + 400 * DAY
        for (const at of [0.1, 0.5, 0.9999].map(
          (part) => held.asOf.getTime() + part * (until - held.asOf.getTime()),
        )) {
          expect(slopeAt(held.days, new Date(Math.floor(at)))).toBe(next(held.asOf).slope)
          looked++
        }
        if (!dueAt) break
        expect(++due).toBeLessThan(20)
        held = next(dueAt)
      }
      expect(held.slope).toBe(0)
    }
    expect(looked).toBeGreaterThan(1000)
  })

  it('is the same however often and when on a day one looks', () => {
    const random = chance(4)
    let often: Steps = []
    let seldom: Steps = []
    for (let day = 120; day >= 0; day--) {
      const score = random() < 0.5 ? two(random() * 100) : (seldom.at(-1)?.[1] ?? 50)
      for (let n = 0; n < 4; n++) often = stepsAfter(often, ago(day), n < 3 ? two(random() * 100) : score)
      often = stepsAfter(often, ago(day), score)
      seldom = stepsAfter(seldom, ago(day), score)
    }
    expect(often).toEqual(seldom)
    expect(often.length).toBeLessThanOrEqual(92)
  })
})

describe('where a score may be in 30 days', () => {
  it.each([
    ['wanders', (random: () => number) => ({ drift: 0, move: () => bell(random) * 0.8 })],
    ['rises and wanders', (random: () => number) => ({ drift: 0.12, move: () => bell(random) * 0.8 })],
    ['falls and wanders', (random: () => number) => ({ drift: -0.12, move: () => bell(random) * 0.8 })],
    [
      'jumps now and then',
      (random: () => number) => ({ drift: 0, move: () => (random() < 0.15 ? bell(random) * 3 : 0) }),
    ],
  ])('lies within what is said four times in five, for a score that %s', (_, kind) => {
    const random = chance(77)
    const customers = 300
    let hit = 0
    for (let n = 0; n < customers; n++) {
      const { drift, move } = kind(random)
      const path = [50]
      for (let day = 1; day < 116; day++) path.push(path.at(-1)! + drift + move())
      const shown = path.map(clamped)
      const found = predictionAt(daily(shown.slice(0, 86)), NOW)!
      const then = shown[115]!
      if (found.low <= then && then <= found.high) hit++
    }
    expect(hit / customers).toBeGreaterThan(0.75)
    expect(hit / customers).toBeLessThan(0.9)
  })

  it('is not said before four weeks, stays between 0 and 100, and leaves room also for a score that never moved', () => {
    expect(predictionAt(daily(Array.from({ length: 28 }, (_, i) => 40 + i)), NOW)).toBeNull()
    expect(predictionAt(daily(Array.from({ length: 29 }, (_, i) => 40 + i)), NOW)).toMatchObject({
      on: '2026-12-20',
      days: 29,
    })
    expect(predictionAt(daily(Array.from({ length: 60 }, (_, i) => 40 + i)), NOW)).toMatchObject({
      ...{ score: 100, low: 100, high: 100 },
    })
    expect(predictionAt(daily(Array.from({ length: 60 }, () => 70)), NOW)).toMatchObject({
      ...{ score: 70, low: 69, high: 71 },
    })
  })
})

it('says what would help, and what each of it adds to the score when it is done', () => {
  const random = chance(12)
  let helped = 0
  for (let n = 0; n < 100; n++) {
    const { contributions } = healthOf(randomFacts(random), NOW)
    const found = improvementsOf(contributions, HEALTH_SETTINGS)
    expect(found.map(({ gain }) => gain)).toEqual(found.map(({ gain }) => gain).sort((a, b) => b - a))
    for (const { metric, gain, from, action } of found) {
      helped++
      const held = contributions.find((each) => each.metric === metric)!
      expect(held.value).toBe(from)
      expect(held.points + gain).toBeLessThanOrEqual(held.outOf + 0.015)
      expect(action).toMatch(/^[A-Z].*\.$/)
    }
  }
  expect(helped).toBeGreaterThan(300)
  // Done: two of three tickets closed.
  const ticket = (isOpen: boolean) => fact('ticket', { happenedAt: NOW, endedAt: isOpen ? null : NOW })
  const others = [fact('company', { label: 'lead', happenedAt: NOW }), ticket(false)]
  const before = healthOf([...others, ticket(true), ticket(true), ticket(true)], NOW)
  const after = healthOf([...others, ticket(true), ticket(false), ticket(false)], NOW)
  const told = improvementsOf(before.contributions, HEALTH_SETTINGS).find((i) => i.metric === 'openTickets')!
  expect(told).toMatchObject({ from: 3, to: 1, action: 'Close tickets until 1 are open.' })
  expect(after.score! - before.score!).toBeCloseTo(told.gain, 1)
})

const ASK = /* GraphQL */ `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Customer { health {
  score trend slope prediction { score low high on days method } improvements { metric gain to action dimension }
  dimensions { name confidence trend slope prediction { low high } } } } } }`

it('is kept with the score, shown of each side too, told when it turns, and found anew by a full recompute', async () => {
  await using hub = await start()
  const world = payers(2)
  await hub.bed.take(world.told, ago(40))
  await hub.bed.scoreAll(ago(40))
  for (let day = 39; day >= 0; day -= 3) {
    await hub.bed.take(
      [
        world.tell(
          'telephony.account.changed',
          says.account('ban-1', 'CURRENT', String(4000 - (40 - day) * 90)),
        ),
      ],
      ago(day),
    )
    await hub.bed.scoreAll(ago(day))
  }
  hub.statements.length = 0
  const of = [0, 1].map((n) => ({ __typename: 'Customer', id: `customer-${n}`, identityVersion: 1 }))
  const { data, errors } = await askSubgraph(hub.url, ASK, { of })
  expect(errors).toBeUndefined()
  // Scores, courses and settings.
  expect(hub.statements.filter((text) => /\binsights\W+\w/.test(text))).toHaveLength(3)
  const [still, falling] = data._entities.map((entity: { health: unknown }) => entity.health)
  expect(still).toMatchObject({ trend: 'STEADY', slope: '0' })
  expect(falling.trend).toBe('FALLING')
  expect(Number(falling.slope)).toBeLessThan(-3)
  expect(Number(falling.prediction.score)).toBeLessThan(Number(falling.score))
  expect(falling.prediction).toMatchObject({ on: '2026-12-20', method: 'damped-slope 1' })
  const side = (name: string) => falling.dimensions.find((each: { name: string }) => each.name === name)
  expect(side('PAYMENT')).toMatchObject({ trend: 'FALLING', confidence: expect.any(String) })
  expect(side('CRM')).toMatchObject({ trend: null, slope: null, prediction: null })
  expect(falling.improvements.map((i: { metric: string }) => i.metric)).toContain('monthlyRevenue')
  const turned = (await hub.bed.told(world.orgId)).filter((e) => e.key === 'customer-0')
  expect(turned.map(({ payload }) => payload.trend)).toEqual([null, 'STEADY'])
  expect(turned[1]!.payload.score).toBe(turned[1]!.payload.previousScore)

  const kept = () =>
    hub.bed.rows('select customer_id, days, slope, trend from insights.health order by customer_id')
  const before = await kept()
  await askSubgraph(hub.url, 'mutation { recomputeInsights { recompute { total } } }')
  expect(await hub.bed.scoreAll(NOW)).toBe(2)
  expect(await kept()).toEqual(before)
})
