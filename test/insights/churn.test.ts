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
    // Whatever of it is changed later: it was closed when it was.
    const edited = account('CHURNED', { observedAt: ago(2), endedAt: ago(12) })
    expect(churnOf(edited)).toMatchObject({ leftOn: ago(12).toISOString().slice(0, 10) })
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

it('without a billing account, has left when the renewal of its contract was lost and nothing came after it', () => {
  const renewal = (label: string, days: number) =>
    fact('deal', {
      label,
      happenedAt: ago(days + 60),
      endedAt: label === 'open' ? null : ago(days),
      details: { renewal: true },
    })
  const left = { percentage: null, leftOn: ago(20).toISOString().slice(0, 10) }
  expect(churnOf([renewal('lost', 20)])).toMatchObject(left)
  expect(churnOf([renewal('lost', 20), ...bought(30, 400)])).toMatchObject(left)
  for (const since of [renewal('won', 5), renewal('open', 5), ...bought(5)])
    expect(churnOf([renewal('lost', 20), since])).toMatchObject({ leftOn: null })
  // Accounts that are open say more.
  expect(churnOf([renewal('lost', 20), ...account('ACTIVE')])).toMatchObject({ leftOn: null })
  const past = [renewal('lost', 20), ...bought(300, 400)]
  expect(caseThen(past, [], ago(60))).toMatchObject({ left: true })
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
    // What shows counts as it was learned; one of eleven factors, the end of a contract, nobody knows.
    const relied = { confidence: 95.35, method: 'LEARNED', version: 3 }
    expect(churnOf(known, { series, model })).toMatchObject(relied)
    // As soon as one shows that is known by rules alone, so is how far all of it can be relied on.
    const silent = known.map((s) => (s.kind === 'contact' ? { ...s, happenedAt: ago(100) } : s))
    expect(churnOf(silent, { series, model })).toMatchObject({ ...relied, confidence: 69 })
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

it('goes on by rules with factors of which nothing was learned, beside what was', () => {
  const facts = [
    ...account('ACTIVE'),
    fact('billing', { label: 'SUSPENDED', recordId: 'b2' }),
    fact('company', { happenedAt: ago(200) }),
  ]
  const found = churnOf(facts, { model: { ...learned, version: 1 } })!
  const stays = (1 - 1 / (1 + Math.exp(-1))) * (1 - RISK_SETTINGS.factors.SILENCE)
  expect(found.percentage).toBe(Math.round(1000 * (1 - stays)) / 10)
  expect(found.factors.map(({ name, method }) => [name, method])).toEqual([
    ['PAYMENT_OVERDUE', 'LEARNED'],
    ['SILENCE', 'RULES'],
  ])
  expect(found.factors[1]!.points).toBeGreaterThan(0)
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
    // Another system has taken back all that it told.
    const nothing: Series = { ...halved, system: 'NINJAONE', accountId: 'another', days: [] }
    expect(strength('FALLING_USAGE', [], [nothing, halved])).toBe(0.75)
    expect(strength('FALLING_USAGE', [], [nothing])).toBeNull()
  })

  it('holds a customer that has ceased to talk against the weeks in which it did, and not by time alone against silence', () => {
    // Told to have talked 100 minutes a day until eleven weeks ago, and nothing for nine weeks since; then nobody tells any more.
    const ceased = { ...minutes((daysAgo) => (daysAgo > 80 ? 100 : 0)) }
    const told = {
      ...ceased,
      days: ceased.days.filter(({ day }) => day < ago(14).toISOString().slice(0, 10)),
    }
    for (const days of [0, 30, 100, 200]) expect(strength('FALLING_USAGE', [], [told], ago(-days))).toBe(1)
    // A year after the weeks it is held against nothing is known any more.
    expect(strength('FALLING_USAGE', [], [told], ago(-330))).toBeNull()
    // One quiet month among months like it is no collapse, and to talk again is none.
    const again = minutes((daysAgo) => (daysAgo > 70 || daysAgo < 40 ? 100 : 0))
    expect(strength('FALLING_USAGE', [], [again])).toBe(0)
  })

  it('waits for days that nobody has told yet: they are no silence', () => {
    const tuesday = new Date(weekOf(NOW).getTime() + DAY)
    const steady = minutes(() => 100)
    const without = (days: number) => ({
      ...steady,
      days: steady.days.filter(
        ({ day }) => day < new Date(tuesday.getTime() - days * DAY).toISOString().slice(0, 10),
      ),
    })
    // Sunday is told late, or nothing is for a fortnight.
    for (const days of [1, 2, 14]) expect(strength('FALLING_USAGE', [], [without(days)], tuesday)).toBe(0)
    for (const hours of [0, 1, 12, 23, 24, 25, 30]) {
      const at = new Date(weekOf(NOW).getTime() + (hours * DAY) / 24)
      expect(strength('FALLING_USAGE', [], [without(2)], at)).toBe(0)
    }
  })

  it('is a contract that ends and is not renewed, and a renewal that was lost and not won since', () => {
    const until = (days: number) => {
      const contractEnd = ago(-days).toISOString().slice(0, 10)
      return [fact('account-status', { label: 'ACTIVE', details: { contractEnd } })]
    }
    const ends = [100, 89, 59, 29, 1, -1, -80, -100].map((days) => strength('CONTRACT_ENDING', until(days)))
    expect(ends).toEqual([0, 0.25, 0.5, 0.75, 0.75, 1, 1, 0])
    const renewal = (label: string, days: number) =>
      fact('deal', { label, endedAt: ago(days), details: { renewal: true } })
    expect(strength('CONTRACT_ENDING', [...until(20), renewal('won', 10)])).toBe(0)
    expect(strength('CONTRACT_ENDING', [...until(20), renewal('lost', 10)])).toBe(0.75)
    expect(strength('CONTRACT_ENDING', [fact('account-status', { label: 'ACTIVE' })])).toBeNull()
    expect(strength('LOST_RENEWAL', [renewal('lost', 10)])).toBe(1)
    expect(strength('LOST_DEALS', [renewal('lost', 10)])).toBe(0)
    expect(strength('LOST_RENEWAL', [renewal('lost', 10), renewal('won', 3)])).toBe(0)
    expect(strength('LOST_RENEWAL', [renewal('lost', 10), renewal('won', 30)])).toBe(1)
    expect(strength('LOST_RENEWAL', [renewal('lost', 183)])).toBe(0)
    expect(strength('LOST_RENEWAL', [fact('deal', { label: 'lost', endedAt: ago(3) })])).toBe(0)
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
