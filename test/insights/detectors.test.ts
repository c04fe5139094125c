import { describe, expect, it } from 'vitest'
import { SUPPLY_RISK } from '#subgraphs/insights/commands/take-supply-risks.ts'
import { holds } from '#subgraphs/insights/domain/detecting.ts'
import { detectorNames, detectors } from '#subgraphs/insights/domain/detectors.ts'
import { knownAt } from '#subgraphs/insights/domain/facts.ts'
import type { Values } from '#subgraphs/insights/domain/findings.ts'
import { health } from '#subgraphs/insights/domain/health.ts'
import { HEALTH_SETTINGS } from '#subgraphs/insights/domain/health-settings.ts'
import { settingsOf } from '#subgraphs/insights/domain/settings.ts'
import type { Series, Signal } from '#subgraphs/insights/domain/signal.ts'
import { weekOf } from '#subgraphs/insights/domain/weeks.ts'
import { ago, DAY, dayOf, eightWeeks, fact, NOW } from './facts.ts'
import { speaks, Watched } from './noticed.ts'

const company = (says: Partial<Signal> = {}) =>
  fact('company', { label: 'customer', happenedAt: ago(1), ...says })
const billing = (monthly: number, status = 'CURRENT', unit = 'USD') =>
  fact('billing', { amount: monthly, unit, label: status })
const people = (count: number, days = 10) =>
  Array.from({ length: count }, () => fact('contact', { happenedAt: ago(days) }))
const offers = (answered: number, unanswered: number, days = 20) => [
  ...Array.from({ length: answered }, () => fact('rfq', { label: 'LOST', happenedAt: ago(days) })),
  ...Array.from({ length: unanswered }, () => fact('rfq', { label: 'EXPIRED', happenedAt: ago(days) })),
]
/** When the last four whole weeks began. */
const MIDDLE = new Date(weekOf(ago(1)).getTime() - 28 * DAY)
/** Minutes a day for four whole weeks, and as many for the four before. */
const talked = (before: number, after: number): Series[] => [
  {
    ...{ kind: 'usage-minutes', system: 'WARP', accountSystem: 'WARP', accountId: 'account-1' },
    unit: 'minutes',
    days: Array.from({ length: 56 }, (_, i) => ({
      day: new Date(MIDDLE.getTime() + (i - 28) * DAY).toISOString().slice(0, 10),
      amount: i < 28 ? before : after,
    })),
  },
]

describe('inactive', () => {
  it('speaks from the thirtieth day of silence on, to the millisecond, and never of somebody who was never seen active', () => {
    expect(speaks('inactive', [company({ happenedAt: ago(30) })])).toBe(true)
    expect(speaks('inactive', [company({ happenedAt: new Date(ago(30).getTime() + 1) })])).toBe(false)
    expect(speaks('inactive', [company({ happenedAt: ago(90) }), ...people(1, 2)])).toBe(false)
    expect(speaks('inactive', [company({ happenedAt: null })])).toBe(false)
  })

  it('is silent while meetings are held or mails answered, and after notes and tasks as before them', () => {
    const quiet = company({ happenedAt: ago(90) })
    expect(speaks('inactive', [quiet, fact('meeting', { happenedAt: ago(2) })])).toBe(false)
    expect(speaks('inactive', [quiet], NOW, [eightWeeks('mails-answered', 1, 0)])).toBe(false)
    expect(speaks('inactive', [quiet], NOW, [eightWeeks('mails-answered', 0, 0)])).toBe(true)
    const own = [fact('note', { happenedAt: ago(2) }), fact('task', { happenedAt: ago(2) })]
    expect(speaks('inactive', [quiet, ...own])).toBe(true)
  })
})

describe('high-value-low-engagement', () => {
  it('speaks above 10,000 USD a year with fewer than five interactions in 90 days, and not at the bounds', () => {
    const of = (monthly: number, contacts: number) => [billing(monthly), ...people(contacts)]
    expect(speaks('high-value-low-engagement', of(834, 4))).toBe(true)
    expect(speaks('high-value-low-engagement', of(834, 5))).toBe(false)
    const tenThousand = fact('deal', {
      label: 'won',
      amount: 10_000,
      unit: 'USD',
      endedAt: ago(200),
      happenedAt: ago(300),
    })
    expect(speaks('high-value-low-engagement', [tenThousand])).toBe(false)
    expect(speaks('high-value-low-engagement', [{ ...tenThousand, amount: 10_000.01 }])).toBe(true)
  })

  it('counts meetings and mails that were answered as interactions too, and orders not', () => {
    const of = (...more: Signal[]) => [billing(834), ...people(2), ...more]
    const order = fact('order', { label: 'SALE', happenedAt: ago(9) })
    const met = fact('meeting', { happenedAt: ago(9) })
    expect(speaks('high-value-low-engagement', of(order, met, met))).toBe(true)
    expect(speaks('high-value-low-engagement', of(met, met, met))).toBe(false)
    const mails = [eightWeeks('mails-answered', 1, 1)]
    expect(speaks('high-value-low-engagement', of(), NOW, mails)).toBe(false)
  })

  it('takes what is billed and what was won not together, leaves other currencies out, and knows no revenue of 0 from silence', () => {
    const won = fact('deal', { label: 'won', amount: 9_000, unit: 'USD', endedAt: ago(10) })
    expect(speaks('high-value-low-engagement', [billing(800), won])).toBe(false)
    expect(speaks('high-value-low-engagement', [billing(5_000, 'CURRENT', 'EUR'), ...people(1)])).toBe(false)
    // Somebody with no record of interactions: nobody may have noted any.
    expect(speaks('high-value-low-engagement', [billing(5_000)])).toBe(false)
  })
})

it('an order is no interaction: who orders every week and talks to nobody is to be talked to', () => {
  const orders = Array.from({ length: 12 }, (_, n) =>
    fact('order', { label: 'SALE', amount: 2_000, unit: 'USD', happenedAt: ago(7 * n + 1) }),
  )
  expect(speaks('high-value-low-engagement', [...orders, ...people(4)])).toBe(true)
  expect(speaks('inactive', [...orders, company({ happenedAt: ago(40) })])).toBe(true)
})

describe('declining-engagement', () => {
  it('speaks of more than three offers of which less than three in ten were decided on', () => {
    expect(speaks('declining-engagement', offers(1, 3))).toBe(true)
    expect(speaks('declining-engagement', offers(0, 3))).toBe(false)
    expect(speaks('declining-engagement', offers(3, 7))).toBe(false)
    expect(speaks('declining-engagement', offers(2, 5))).toBe(true)
    expect(speaks('declining-engagement', offers(0, 9, 181))).toBe(false)
  })

  it('counts replies to mails of the last eight whole weeks as answers, beside offers', () => {
    const mails = (sent: number, answered: number) => [
      eightWeeks('mails-sent', sent, 0),
      eightWeeks('mails-answered', answered, 0),
    ]
    expect(speaks('declining-engagement', [], NOW, mails(1, 0))).toBe(true)
    expect(speaks('declining-engagement', [], NOW, mails(10, 3))).toBe(false)
    // Who answers mails answers, and who does not answer mails does not, whatever becomes of offers.
    expect(speaks('declining-engagement', offers(0, 5), NOW, mails(1, 1))).toBe(false)
    expect(speaks('declining-engagement', offers(5, 0), NOW, mails(2, 0))).toBe(true)
    const watched = new Watched()
    watched.series = mails(1, 0)
    watched.at(NOW, offers(1, 1))
    expect(watched.of('declining-engagement')).toMatchObject({
      sentence: 'Answers seldom: 1 of 2 offers decided on, 0 of 28 mails answered.',
      measures: [
        { name: 'interactions', value: '30', bound: '3' },
        { name: 'responseRatio', bound: '0.3' },
      ],
    })
  })
})

describe('churn-risk', () => {
  const open = fact('account-status', { label: 'ACTIVE' })

  it('speaks when two factors of leaving show by half or more, and names them', () => {
    const overdue = billing(100, 'PAST_DUE')
    const quiet = (days: number) => company({ happenedAt: ago(days) })
    expect(speaks('churn-risk', [company(), overdue, open])).toBe(false)
    // Silence of a month shows by a quarter.
    expect(speaks('churn-risk', [quiet(40), overdue, open])).toBe(false)
    const watched = new Watched()
    watched.at(NOW, [quiet(70), overdue, open])
    expect(watched.of('churn-risk')).toMatchObject({
      state: 'NEW',
      measures: [{ name: 'riskFactors', bound: '2' }],
      sentence: '2 things speak for its leaving: nobody in touch for 60 days or longer, payment overdue.',
    })
  })

  it('speaks of what its factors speak of, with usage as they measure it', () => {
    const facts = [company(), billing(100, 'PAST_DUE'), open]
    expect(speaks('churn-risk', facts, NOW, talked(100, 66))).toBe(false)
    expect(speaks('churn-risk', facts, NOW, talked(100, 65))).toBe(true)
  })

  it('begins by time alone, when silence is the second thing', () => {
    const watched = new Watched()
    const since = ago(59)
    watched.at(NOW, [company({ happenedAt: since }), billing(9_000, 'PAST_DUE'), open])
    expect(watched.speaks('churn-risk')).toBe(false)
    expect(watched.dueAt!.getTime()).toBeLessThanOrEqual(since.getTime() + 60 * DAY)
    watched.at(new Date(since.getTime() + 60 * DAY))
    expect(watched.speaks('churn-risk')).toBe(true)
  })

  it('goes by the bounds of the organisation, and leaves out bounds that it no longer has', () => {
    const own = { 'churn-risk': { thresholds: { strength: 0.25, days: 45 } } }
    const settings = settingsOf({ detectors: { detectors: own } })
    expect(settings.detectors.detectors['churn-risk'].thresholds).toEqual({
      ...{ percentage: 50, factors: 2, strength: 0.25 },
    })
    const watched = new Watched()
    watched.settings = settings
    watched.at(NOW, [company({ happenedAt: ago(40) }), billing(100, 'PAST_DUE'), open])
    expect(watched.speaks('churn-risk')).toBe(true)
  })

  it('says nothing of a company that never was a customer', () => {
    expect(speaks('churn-risk', [company({ happenedAt: ago(200) }), billing(100, 'SUSPENDED')])).toBe(false)
  })

  it('names each fact once among its evidence', () => {
    const watched = new Watched()
    watched.series = talked(100, 0)
    watched.at(NOW, [company({ happenedAt: ago(70) }), billing(100, 'PAST_DUE'), open])
    const { evidence } = watched.of('churn-risk')!
    expect(evidence.map(({ kind }) => kind).sort()).toEqual(['billing', 'company'])
  })
})

describe('what other methods say', () => {
  const known = knownAt([company(), billing(9_000)], NOW)
  const seen = (found: object, more: object = {}) => ({
    ...{ known, revenue: null, found: found as Values },
    health: { ...health(known, HEALTH_SETTINGS), ...{ days: [], slope: null, trend: null }, ...more },
  })
  const bounds = (name: keyof typeof detectors) => settingsOf({}).detectors.detectors[name].thresholds

  it('goes before what detectors would work out, and is trusted no more than it trusts itself', () => {
    const churn = detectors['churn-risk'].look(
      seen({ churn: { percentage: 72, confidence: 55 } }),
      bounds('churn-risk'),
    )!
    expect(churn).toMatchObject({
      atMost: 55,
      conditions: [{ name: 'churnRisk', bound: 50, found: { value: 72 } }],
    })
    expect(churn.say()).toBe('The risk that it leaves is 72 of 100.')
    // Who has left no longer may.
    expect(
      detectors['churn-risk'].look(
        seen({ churn: { percentage: null, confidence: 0 } }),
        bounds('churn-risk'),
      ),
    ).toBeNull()
    const list = [{ type: 'CROSS_SELL', category: 'Connectors', value: '4200.50', confidence: 61 }]
    expect(
      detectors.upsell.look(seen({ opportunities: { currency: 'USD', list } }), bounds('upsell')),
    ).toMatchObject({
      ...{ worth: 4200.5, atMost: 61 },
    })
    expect(
      detectors.upsell.look(seen({ opportunities: { currency: 'EUR', list } }), bounds('upsell')),
    ).toBeNull()
    // What comes first by how likely it is may be worth too little, and hides nobody who is worth more.
    const first = { type: 'CROSS_SELL', category: 'Relays', value: '900.00', confidence: 90 }
    const both = seen({ opportunities: { currency: 'USD', list: [first, ...list] } })
    expect(detectors.upsell.look(both, bounds('upsell'))).toMatchObject({ worth: 4200.5, atMost: 61 })
  })

  it('tells that health falls, once it is known where it is going', () => {
    const look = (more: object) => detectors['falling-health'].look(seen({}, more), bounds('falling-health'))
    expect(look({})).toBeNull()
    const falls = (slope: number) => holds(look({ trend: 'FALLING', slope })!.conditions[0]!, 0)
    expect([-4.4, -4.6, -9].map(falls)).toEqual([false, true, true])
    expect(holds(look({ trend: 'STEADY', slope: -9 })!.conditions[0]!, 0)).toBe(false)
  })
})

describe('upsell', () => {
  const well = [
    company({ label: 'evangelist' }),
    billing(20_000),
    fact('trunk', { label: 'ACTIVE' }),
    ...people(6, 2),
  ]
  const asked = (days: number, count: number) =>
    offers(count, 0, days).map((rfq) => ({ ...rfq, label: 'WON' }))
  it('speaks of somebody who is well and asks for prices half as often again, three times at least', () => {
    expect(speaks('upsell', [...well, ...asked(100, 2), ...asked(10, 3)])).toBe(true)
    expect(speaks('upsell', [...well, ...asked(100, 3), ...asked(10, 4)])).toBe(false)
    expect(speaks('upsell', [...well, ...asked(100, 1), ...asked(10, 2)])).toBe(false)
    // What follows on nothing has not grown, and may have once one of them is older.
    expect(speaks('upsell', [...well, ...asked(10, 9)])).toBe(false)
    const begun = knownAt([...well, ...asked(10, 3), ...asked(89, 2)], NOW)
    const judgedHealth = { ...health(begun, HEALTH_SETTINGS), days: [], slope: null, trend: null }
    const sight = detectors.upsell.look(
      { known: begun, health: judgedHealth, found: {}, revenue: null },
      settingsOf({}).detectors.detectors.upsell.thresholds,
    )!
    expect(sight.conditions.at(-1)!.found).toMatchObject({ value: 0, changesAt: ago(-1) })
    const unwell = [company({ label: 'lead', happenedAt: ago(200) })]
    expect(speaks('upsell', [...unwell, ...asked(100, 2), ...asked(10, 3)])).toBe(false)
  })
})

describe('payment-overdue, urgent-tickets, poor-health and usage-drop', () => {
  it('speak of one account past due or suspended, and of one urgent ticket that is open', () => {
    expect(speaks('payment-overdue', [billing(1), billing(1, 'SUSPENDED')])).toBe(true)
    expect(speaks('payment-overdue', [billing(1)])).toBe(false)
    // An invoice that has been past due for a week is, also while its account counts as current.
    const invoice = (label: string, days: number) =>
      fact('invoice', { label, details: { dueOn: dayOf(ago(days)) } })
    expect(speaks('payment-overdue', [billing(1), invoice('OVERDUE', 8)])).toBe(true)
    expect(speaks('payment-overdue', [billing(1), invoice('OVERDUE', 7), invoice('PAID', 90)])).toBe(false)
    const watched = new Watched()
    watched.at(NOW, [billing(1), invoice('ISSUED', 7)])
    watched.at(new Date(`${dayOf(ago(-1))}T00:00:00Z`))
    expect(watched.of('payment-overdue')!.sentence).toBe(
      '1 of 1 billing accounts past due or suspended, 1 invoice past due for 7 days or more.',
    )
    const ticket = (priority: string, endedAt: Date | null = null) =>
      fact('ticket', { label: priority, happenedAt: ago(2), endedAt })
    expect(speaks('urgent-tickets', [ticket('URGENT')])).toBe(true)
    expect(speaks('urgent-tickets', [ticket('URGENT', ago(1)), ticket('LOW')])).toBe(false)
  })

  it('speak of a health score below 40, and of minutes fewer by four tenths, by the days that were told', () => {
    expect(speaks('poor-health', [company({ label: 'subscriber', happenedAt: ago(200) })])).toBe(true)
    expect(speaks('poor-health', [company({ label: 'customer' })])).toBe(false)
    const own = [billing(100)]
    expect(speaks('usage-drop', own, NOW, talked(100, 60))).toBe(true)
    expect(speaks('usage-drop', own, NOW, talked(100, 61))).toBe(false)
    // Too little was ever talked.
    expect(speaks('usage-drop', own, NOW, talked(3, 0))).toBe(false)
    // A fortnight without any telling is no fortnight of silence.
    expect(speaks('usage-drop', own, ago(-14), talked(100, 100))).toBe(false)
    const watched = new Watched()
    watched.series = talked(100, 0)
    watched.at(NOW, own)
    expect(watched.of('usage-drop')).toMatchObject({
      sentence: `No minutes in four weeks, after 2,800 in the four until ${MIDDLE.toISOString().slice(0, 10)}.`,
    })
  })
})

it('every detector says what to do, by when, what that brings, and has no name of another', () => {
  expect(detectorNames).not.toContain(SUPPLY_RISK)
  for (const name of detectorNames) {
    const { actions, withinDays, expects, reads, thresholds } = detectors[name]
    expect(actions.length, name).toBeGreaterThan(0)
    expect(withinDays, name).toBeGreaterThan(0)
    expect(expects, name).toMatch(/\.$/)
    expect(reads.length, name).toBeGreaterThan(0)
    for (const { value } of Object.values(thresholds)) expect(value, name).toBeGreaterThan(0)
  }
})
