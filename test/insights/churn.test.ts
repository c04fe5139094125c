import { describe, expect, it } from 'vitest'
import type { Churn } from '#subgraphs/insights/domain/churn.ts'
import { factorNames, factorsOf } from '#subgraphs/insights/domain/churn-factors.ts'
import type { ChurnModel } from '#subgraphs/insights/domain/churn-model.ts'
import { knownAt } from '#subgraphs/insights/domain/facts.ts'
import { findAll } from '#subgraphs/insights/domain/findings.ts'
import { health } from '#subgraphs/insights/domain/health.ts'
import type { Versioned } from '#subgraphs/insights/domain/models.ts'
import { caseThen, leftBetween } from '#subgraphs/insights/domain/past.ts'
import { RISK_SETTINGS } from '#subgraphs/insights/domain/risk-settings.ts'
import { settingsOf } from '#subgraphs/insights/domain/settings.ts'
import type { Series, Signal } from '#subgraphs/insights/domain/signal.ts'
import { weekOf } from '#subgraphs/insights/domain/weeks.ts'
import { ago, DAY, fact, NOW } from './facts.ts'

const judged = (
  signals: readonly Signal[],
  {
    asOf = NOW,
    series = [],
    model,
    settings = settingsOf({}),
  }: {
    asOf?: Date
    series?: readonly Series[]
    model?: Versioned<ChurnModel>
    settings?: ReturnType<typeof settingsOf>
  } = {},
) => {
  const known = knownAt(signals, asOf, series)
  const beside = { settings, models: model ? { churn: model } : {}, health: health(known, settings.health) }
  return findAll(known, beside, undefined).values
}
const churnOf = (...args: Parameters<typeof judged>): Churn | undefined => judged(...args).churn
const account = (label: string, says: Partial<Signal> = {}): Signal[] => [
  fact('billing', { label: 'CURRENT', happenedAt: ago(900), recordId: 'ban', ...says }),
  fact('account-status', { label, recordId: 'ban', ...says }),
]
const bought = (...days: number[]) => days.map((d) => fact('rfq', { label: 'WON', happenedAt: ago(d) }))
/** Days of minutes of an account, so many days back from today. */
const minutes = (amountOf: (daysAgo: number) => number, kind: Series['kind'] = 'usage-minutes'): Series => ({
  ...({ system: 'WARP', accountSystem: 'WARP', accountId: 'account-1', kind, unit: 'minutes' } as const),
  days: Array.from({ length: 100 }, (_, i) => 100 - i).map((daysAgo) => ({
    day: ago(daysAgo).toISOString().slice(0, 10),
    amount: amountOf(daysAgo),
  })),
})

describe('who can leave', () => {
  it('is nobody who never was a customer', () => {
    expect(churnOf([fact('company', { label: 'lead', happenedAt: ago(400) })])).toBeUndefined()
    expect(churnOf(bought(10))).toBeUndefined()
    expect(churnOf([])).toBeUndefined()
  })

  it('has left once all its billing accounts are closed, and not before', () => {
    const closed = account('CHURNED', { observedAt: ago(12) })
    expect(churnOf(closed)).toMatchObject({
      percentage: null,
      leftOn: ago(12).toISOString().slice(0, 10),
      factors: [],
    })
    const other = account('ACTIVE').map((s) => ({ ...s, recordId: 'other' }))
    expect(churnOf([...closed, ...other])).toMatchObject({ leftOn: null })
  })

  it('without a billing account, has left half a year after it last asked, bought or had a deal', () => {
    // Who orders stays, however long ago it asked for a price; and who only orders is a customer too.
    const ordered = (...days: number[]) =>
      days.map((day) => fact('order', { label: 'SALE', amount: 100, unit: 'USD', happenedAt: ago(day) }))
    expect(churnOf([...bought(300, 400), ...ordered(5, 12)])).toMatchObject({ leftOn: null })
    expect(churnOf(ordered(5, 12))).toMatchObject({ leftOn: null })
    expect(churnOf(ordered(190, 200))!.leftOn).not.toBeNull()
    expect(churnOf(bought(181, 400))).toMatchObject({ leftOn: null })
    expect(churnOf(bought(182, 400))).toMatchObject({
      percentage: null,
      leftOn: NOW.toISOString().slice(0, 10),
    })
    expect(churnOf([...bought(182, 400), fact('deal', { label: 'open', happenedAt: ago(3) })])).toMatchObject(
      {
        leftOn: null,
      },
    )
  })
})

describe('how likely it leaves, by rules', () => {
  const { leak, factors } = RISK_SETTINGS

  it('combines what speaks for it as chances of their own, and says what each adds', () => {
    const quiet = churnOf(account('ACTIVE'))!
    expect([quiet.percentage, quiet.factors]).toEqual([100 * leak, []])
    const risky = [
      ...account('ACTIVE', {}),
      fact('billing', { label: 'PAST_DUE', recordId: 'second' }),
      fact('ticket', { label: 'URGENT', happenedAt: ago(2) }),
    ]
    const found = churnOf(risky)!
    const stays = (1 - leak) * (1 - factors.PAYMENT_OVERDUE / 2) * (1 - factors.URGENT_TICKETS / 2)
    expect(found.percentage).toBe(Math.round(1000 * (1 - stays)) / 10)
    expect(found.factors.map(({ name, strength }) => [name, strength])).toEqual([
      ['PAYMENT_OVERDUE', 0.5],
      ['URGENT_TICKETS', 0.5],
    ])
    for (const { name, points, alone } of found.factors) {
      const without = 1 - stays / (1 - factors[name] / 2)
      expect(points).toBe(Math.round(1000 * (1 - stays - without)) / 10)
      expect(alone).toBeCloseTo(1 - (1 - leak) * (1 - factors[name] / 2), 3)
    }
    expect(judged(risky).risk).toMatchObject({ paymentRisk: 7.5, relationshipStrength: 5 })
  })

  it('never says more the fewer speak for it, and what each factor adds is never negative', () => {
    const all = [
      ...account('ACTIVE', { label: 'ACTIVE' }),
      fact('billing', { label: 'SUSPENDED', recordId: 'b2' }),
      ...[1, 2, 3].map(() => fact('ticket', { label: 'HIGH' })),
      ...[1, 2].map(() => fact('deal', { label: 'lost', happenedAt: ago(200), endedAt: ago(90) })),
      ...[200, 220, 240].map((d) => fact('rfq', { label: 'LOST', happenedAt: ago(d) })),
      ...[1, 2].map(() => fact('contact', { happenedAt: ago(200) })),
    ]
    const whole = churnOf(all)!
    expect(whole.factors.length).toBeGreaterThan(5)
    for (const { points } of whole.factors) expect(points).toBeGreaterThanOrEqual(0)
    for (const left of ['ticket', 'contact'] as const)
      expect(churnOf(all.filter((s) => s.kind !== left))!.percentage).toBeLessThan(whole.percentage!)
  })

  it('takes the organisation’s own chances', () => {
    const settings = settingsOf({ risk: { leak: 0, factors: { PAYMENT_OVERDUE: 0.6 } } })
    const late = [...account('ACTIVE'), fact('billing', { label: 'SUSPENDED', recordId: 'b2' })]
    expect(churnOf(late, { settings })!.percentage).toBe(60)
  })

  it('relies on rules, and on one system alone, no further than 69', () => {
    const known = [
      ...account('ACTIVE'),
      ...bought(5, 30, 60),
      ...[1, 2].map(() => fact('contact', { happenedAt: ago(5) })),
      fact('deal', { label: 'won', endedAt: ago(20) }),
      fact('ticket', { endedAt: ago(3) }),
    ]
    const series = [minutes(() => 50), minutes(() => 0.9, 'answer-ratio')]
    expect(churnOf(known, { series })!.confidence).toBe(69)
    const model = { ...learned, version: 3 }
    expect(churnOf(known, { series, model })).toMatchObject({
      confidence: 100,
      method: 'LEARNED',
      version: 3,
    })
    expect(churnOf(account('ACTIVE'), { model })!.confidence).toBeLessThan(69)
  })
})

const learned: ChurnModel = {
  ...{ factors: ['PAYMENT_OVERDUE', 'LOST_DEALS'], intercept: -2, weights: [3, -1] },
  calibration: { name: 'PLATT', slope: 1, offset: 0 },
}

it('says what was learned where something was, also that a factor speaks against leaving', () => {
  const facts = [
    ...account('ACTIVE'),
    fact('billing', { label: 'SUSPENDED', recordId: 'b2' }),
    fact('deal', { label: 'lost', endedAt: ago(9) }),
  ]
  const found = churnOf(facts, { model: { ...learned, version: 1 } })!
  expect(found.percentage).toBe(Math.round(1000 / (1 + Math.exp(-0.5))) / 10)
  expect(found.factors.map(({ name }) => name)).toEqual(['PAYMENT_OVERDUE', 'LOST_DEALS'])
  expect(found.factors[1]!.points).toBeLessThan(0)
})

describe('what speaks for leaving', () => {
  const strength = (
    name: (typeof factorNames)[number],
    signals: Signal[],
    series: Series[] = [],
    asOf = NOW,
  ) => factorsOf(knownAt(signals, asOf, series)).find((one) => one.name === name)?.strength ?? null

  it.each([
    ['SILENCE', 29, 0],
    ['SILENCE', 30, 0.25],
    ['SILENCE', 90, 0.75],
    ['SILENCE', 180, 1],
  ] as const)('%s after %d days shows by %d', (name, days, expected) => {
    expect(strength(name, [fact('company', { happenedAt: ago(days) })])).toBe(expected)
  })

  it('is read from whole weeks of usage, of which none is cut', () => {
    const monday = weekOf(NOW)
    const daysToMonday = Math.floor((NOW.getTime() - monday.getTime()) / DAY)
    // Half as much since four weeks before this one began.
    const halved = minutes((daysAgo) => (daysAgo > 28 + daysToMonday ? 100 : 50))
    expect(strength('FALLING_USAGE', [], [halved])).toBe(0.75)
    expect(strength('FALLING_USAGE', [], [minutes(() => 100)])).toBe(0)
    // What is told within the week changes nothing before it is over.
    const ceased = minutes((daysAgo) => (daysAgo <= daysToMonday ? 0 : 100))
    expect(strength('FALLING_USAGE', [], [ceased])).toBe(0)
    expect(strength('FALLING_USAGE', [], [minutes(() => 1)])).toBeNull()
    expect(strength('FALLING_ANSWERS', [], [minutes(() => 0.9, 'answer-ratio')])).toBe(0)
  })

  it('is unknown, and not absent, where nobody says', () => {
    for (const name of factorNames) expect(strength(name, [])).toBeNull()
  })
})

describe('the past', () => {
  it('knows nothing of what was opened later, and as open what was closed later', () => {
    const then = ago(100)
    const signals = [
      ...account('CHURNED', { observedAt: ago(40) }),
      fact('ticket', { label: 'URGENT', happenedAt: ago(120), endedAt: ago(80) }),
      fact('ticket', { label: 'URGENT', happenedAt: ago(90) }),
      fact('deal', { label: 'lost', happenedAt: ago(150), endedAt: ago(90) }),
      // What stands in a record without a date is not told of the past.
      fact('contact', { happenedAt: ago(300) }),
      fact('contact', { happenedAt: ago(300) }),
    ]
    expect(caseThen(signals, [], then)).toEqual({ strengths: { URGENT_TICKETS: 0.5 }, left: true })
    expect(caseThen(signals, [], ago(131))).toMatchObject({ left: false })
    expect(leftBetween(signals, ago(129))).toBe(true)
    expect(caseThen(signals, [], ago(30))).toBeNull()
    expect(caseThen(account('ACTIVE', { happenedAt: ago(50) }), [], then)).toBeNull()
  })
})
