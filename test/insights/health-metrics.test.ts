import { describe, expect, it } from 'vitest'
import { HEALTH_SETTINGS } from '#subgraphs/insights/domain/health-settings.ts'
import type { SeriesKind } from '#subgraphs/insights/domain/kinds.ts'
import { metrics } from '#subgraphs/insights/domain/metrics.ts'
import type { Series, Signal } from '#subgraphs/insights/domain/signal.ts'
import { ago, dayOf, eightWeeks, fact, healthOf, NOW } from './facts.ts'

/** What one metric makes of facts: [value, score from 0 to 100], or null when it does not say. */
const read = (metric: string, signals: Signal[], series: readonly Series[] = []): [number, number] | null => {
  const found = healthOf(signals, NOW, HEALTH_SETTINGS, series).contributions.find((c) => c.metric === metric)
  return found ? [found.value, Math.round((found.points / found.outOf) * 100)] : null
}
const many = (count: number, make: () => Signal): Signal[] => Array.from({ length: count }, make)
const contact = (days: number) => fact('contact', { happenedAt: ago(days) })
const deal = (label: string, amount: number | null, days: number | null, unit = 'USD') =>
  fact('deal', {
    label,
    amount,
    unit: amount === null ? null : unit,
    endedAt: days === null ? null : ago(days),
  })
const closed = (hours: number) =>
  fact('ticket', { happenedAt: ago(10), endedAt: new Date(ago(10).getTime() + hours * 3_600_000) })

type Case = [facts: string, signals: Signal[], expected: [number, number] | null]
const company = (says: Partial<Signal>) => [fact('company', says)]

const cases: Record<string, Case[]> = {
  daysSinceActivity: [
    ['a customer active today is at its best', company({ happenedAt: NOW }), [0, 100]],
    ['two weeks of silence cost little', company({ happenedAt: ago(14) }), [14, 90]],
    ['a month costs more', company({ happenedAt: ago(30.9) }), [30, 60]],
    ['between the points it is read off the line', company({ happenedAt: ago(60) }), [60, 40]],
    ['after half a year nothing is left', company({ happenedAt: ago(400) }), [180, 0]],
    ['the latest of company and people counts', [...company({ happenedAt: ago(90) }), contact(0)], [0, 100]],
    ['a company of which no activity is known says nothing', company({}), null],
    ['an activity of tomorrow has not happened', company({ happenedAt: ago(-1) }), null],
  ],
  lifecycleStage: [
    ['a customer', company({ label: 'customer' }), [90, 90]],
    ["a stage of the customer's own making", company({ label: '39182' }), [40, 40]],
    ['a stage named like something every object has', company({ label: 'constructor' }), [40, 40]],
    [
      'several companies give their mean',
      [...company({ label: 'customer' }), ...company({ label: 'lead' })],
      [62.5, 63],
    ],
    ['no stage says nothing', company({}), null],
  ],
  activeContacts: [
    ['nobody active for a quarter', [contact(91)], [0, 10]],
    ['one person', [contact(89), contact(91)], [1, 50]],
    ['three people', many(3, () => contact(5)), [3, 85]],
    ['more than six count as six', many(9, () => contact(5)), [9, 100]],
    ['people of whom no activity was noted say nothing', many(3, () => fact('contact')), null],
  ],
  paymentStatus: [
    ['paid up', [fact('billing', { label: 'CURRENT' })], [100, 100]],
    ['late', [fact('billing', { label: 'PAST_DUE' })], [30, 30]],
    ['suspended is a fact, and a bad one', [fact('billing', { label: 'SUSPENDED' })], [0, 0]],
    ['a word we do not know says nothing', [fact('billing', { label: 'toString' })], null],
    ['no account says nothing', company({}), null],
  ],
  monthlyRevenue: [
    ['nothing a month is a fact', [fact('billing', { amount: 0, unit: 'USD' })], [0, 10]],
    ['accounts add up', many(2, () => fact('billing', { amount: 500, unit: 'USD' })), [1000, 60]],
    [
      'other currencies are left out, not added',
      [fact('billing', { amount: 250, unit: 'USD' }), fact('billing', { amount: 9000, unit: 'EUR' })],
      [250, 40],
    ],
    ['only other currencies say nothing', [fact('billing', { amount: 9000, unit: 'EUR' })], null],
    ['an account without an amount says nothing', [fact('billing', { label: 'CURRENT' })], null],
  ],
  wonLastYear: [
    ['deals, but none won', [deal('lost', 500, 10)], [0, 30]],
    ['won deals add up', [deal('won', 4000, 10), deal('won', 6000, 300)], [10_000, 70]],
    ['what was won before last year is past', [deal('won', 5e5, 366)], [0, 30]],
    ['what is to be won tomorrow is not yet', [deal('won', 5e5, -1)], [0, 30]],
    [
      'won in another currency is not nothing, but unknown',
      [deal('won', 5e5, 10, 'EUR'), deal('open', 1, null)],
      null,
    ],
    ['won, but nobody noted for how much', [deal('won', null, 10)], null],
    ['no deals say nothing', company({}), null],
  ],
  accountStatus: [
    ['active', [fact('account-status', { label: 'ACTIVE' })], [100, 100]],
    ['suspended', [fact('account-status', { label: 'SUSPENDED' })], [20, 20]],
    ['churned', [fact('account-status', { label: 'CHURNED' })], [0, 0]],
    ['no account says nothing', company({}), null],
  ],
  activeTrunks: [
    ['an account without trunks uses nothing', [fact('billing', { label: 'CURRENT' })], [0, 0]],
    ['one trunk', [fact('trunk', { label: 'ACTIVE' })], [1, 65]],
    ['those not active do not count', [fact('trunk', { label: 'PENDING' })], [0, 0]],
    ['six trunks', many(6, () => fact('trunk', { label: 'ACTIVE' })), [6, 100]],
    ['neither account nor trunk says nothing', company({}), null],
  ],
  requestsLast90Days: [
    ['a buyer that no longer asks', [fact('rfq', { happenedAt: ago(91) })], [0, 15]],
    ['one request', [fact('rfq', { happenedAt: ago(89) })], [1, 45]],
    ['ten requests', many(10, () => fact('rfq', { happenedAt: ago(1) })), [10, 100]],
    ['who never asked says nothing', company({}), null],
  ],
  requestsWon: [
    ['all lost', [fact('rfq', { label: 'LOST' }), fact('rfq', { label: 'EXPIRED' })], [0, 20]],
    ['half won', [fact('rfq', { label: 'WON' }), fact('rfq', { label: 'LOST' })], [0.5, 85]],
    ['open ones are not lost', [fact('rfq', { label: 'WON' }), fact('rfq', { label: 'OPEN' })], [1, 100]],
    ['none decided says nothing', [fact('rfq', { label: 'QUOTED' })], null],
  ],
  openTickets: [
    ['all closed', [closed(1)], [0, 100]],
    ['three open', many(3, () => fact('ticket')), [3, 40]],
    ['eight open and worse', many(20, () => fact('ticket')), [20, 0]],
    ['a company without tickets says nothing: they may be kept elsewhere', company({}), null],
  ],
  urgentTickets: [
    ['none urgent', [fact('ticket', { label: 'LOW' })], [0, 100]],
    ['one urgent', [fact('ticket', { label: 'URGENT' }), fact('ticket', { label: 'LOW' })], [1, 40]],
    ['closed ones no longer count', [fact('ticket', { label: 'HIGH', endedAt: ago(1) })], [0, 100]],
    ['no tickets say nothing', company({}), null],
  ],
  resolutionHours: [
    ['the median of an odd number', [closed(1), closed(24), closed(72)], [24, 90]],
    ['the middle of an even number', [closed(24), closed(120)], [72, 60]],
    ['closed before it was opened counts as at once', [closed(-5)], [0, 100]],
    ['none closed says nothing', [fact('ticket')], null],
  ],
}

const invoice = (label: string, dueDaysAgo: number, paidDaysAgo: number | null = null) =>
  fact('invoice', {
    label,
    endedAt: paidDaysAgo === null ? null : ago(paidDaysAgo),
    details: { dueOn: dayOf(ago(dueDaysAgo)) },
  })
const paid = (label: string, days = 1) => fact('payment', { label, happenedAt: ago(days) })
const seats = (amount: number, label = 'ACTIVE') => fact('seats', { amount, unit: 'seats', label })
const content = (amount: number, days = 1) => fact('satisfaction', { amount, happenedAt: ago(days) })
const alert = (measure: string, endedAt: Date | null = null) =>
  fact('usage-alert', { label: `HIGH ${measure}`, happenedAt: ago(60), endedAt })

const told: Record<string, Case[]> = {
  daysSinceActivity: [
    [
      'a meeting ends silence too',
      [...company({ happenedAt: ago(90) }), fact('meeting', { happenedAt: ago(14) })],
      [14, 90],
    ],
  ],
  daysPastDue: [
    ['all paid', [invoice('PAID', 5, 2)], [0, 100]],
    ['due today is not past due', [invoice('ISSUED', 0)], [0, 100]],
    ['the one that waits longest counts', [invoice('OVERDUE', 31), invoice('ISSUED', 8)], [30, 35]],
    ['after a quarter nothing is left', [invoice('OVERDUE', 400)], [90, 0]],
    ['who gets no invoices is not judged by them', company({}), null],
  ],
  paymentDelay: [
    ['paid on the day it was due', [invoice('PAID', 5, 5)], [0, 100]],
    [
      'the median of them',
      [invoice('PAID', 30, 29), invoice('PAID', 60, 45.4), invoice('PAID', 90, 10)],
      [15, 60],
    ],
    ['what was paid more than a year ago is past', [invoice('PAID', 460, 400)], null],
  ],
  paymentsFailed: [
    [
      'three of ten failed',
      [...many(7, () => paid('COMPLETED')), ...many(3, () => paid('FAILED'))],
      [0.3, 30],
    ],
    ['given back is not failed', [paid('REFUNDED'), paid('COMPLETED')], [0, 100]],
    ['half a year ago is past', [paid('FAILED', 181)], null],
  ],
  seatsKept: [
    ['half of them cancelled', [seats(10), seats(10, 'CANCELLED')], [0.5, 30]],
    ['none told says nothing', company({}), null],
  ],
  qualityAlerts: [
    [
      'open ones and those of 30 days',
      [alert('ANSWER_RATIO'), ...many(2, () => alert('ANSWER_RATIO', ago(29)))],
      [3, 20],
    ],
    ['those that are over', [alert('ANSWER_RATIO', ago(31))], [0, 100]],
    ['of minutes say nothing of quality', [alert('MINUTES')], null],
  ],
  satisfaction: [
    ['the mean of half a year', [content(100), content(60), content(0, 181)], [80, 80]],
    ['nobody said anything', company({}), null],
  ],
  devicesWell: [
    ['four of five', [fact('devices', { amount: 50 }), fact('unhealthy-devices', { amount: 10 })], [0.8, 40]],
    ['nobody tells of those that are not well', [fact('devices', { amount: 50 })], null],
  ],
}

for (const [metric, list] of [...Object.entries(cases), ...Object.entries(told)])
  describe(metric, () => {
    it.each(list)('%s', (_, signals, expected) => {
      expect(read(metric, signals)).toEqual(expected)
    })
  })

it('shows no more silence than it counts, so that what is shown stays true while nobody looks', () => {
  const shown = (days: number) =>
    healthOf([fact('company', { happenedAt: ago(days) })], NOW).contributions.find(
      ({ metric }) => metric === 'daysSinceActivity',
    )?.value
  expect([shown(179), shown(180), shown(213)]).toEqual([179, 180, 180])
})

describe('what is told day by day', () => {
  const weeks = (kind: SeriesKind, now: number, before: number, daysNow = 28, daysBefore = 28) => {
    const { days, ...told } = eightWeeks(kind, now, before)
    return { ...told, days: days.filter((_, i) => (i < 28 ? i < daysBefore : i >= 56 - daysNow)) }
  }
  const daily: [metric: string, says: string, series: Series[], expected: [number, number] | null][] = [
    ['minutesGrowth', 'as much as before', [weeks('usage-minutes', 60, 60)], [1, 85]],
    ['minutesGrowth', 'half as much', [weeks('usage-minutes', 30, 60)], [0.5, 25]],
    ['minutesGrowth', 'nothing any more', [weeks('usage-minutes', 0, 60)], [0, 0]],
    ['minutesGrowth', 'a quarter more is at its best', [weeks('usage-minutes', 75, 60)], [1.25, 100]],
    ['minutesGrowth', 'hardly any before says nothing', [weeks('usage-minutes', 60, 1)], null],
    ['daysTalked', 'on twelve days', [weeks('usage-minutes', 60, 60, 12)], [12, 85]],
    [
      'daysTalked',
      'two accounts on the same days count once',
      [weeks('usage-minutes', 60, 60, 12), { ...weeks('usage-minutes', 9, 9, 12), accountId: 'account-2' }],
      [12, 85],
    ],
    [
      'daysTalked',
      'days of nothing are told, and are days of silence',
      [weeks('usage-minutes', 0, 0)],
      [0, 0],
    ],
    ['answerRatio', 'half of the calls', [weeks('answer-ratio', 0.5, 0.9)], [0.5, 70]],
    ['answerRatio', 'four days say nothing', [weeks('answer-ratio', 0.5, 0.9, 4)], null],
    ['callLengthGrowth', 'calls end sooner', [weeks('call-length', 70, 100)], [0.7, 40]],
    ['callLengthGrowth', 'nothing to compare with', [weeks('call-length', 70, 100, 28, 4)], null],
    [
      'mailsAnswered',
      'three in ten',
      [weeks('mails-sent', 10, 10), weeks('mails-answered', 3, 0)],
      [0.3, 80],
    ],
    ['mailsAnswered', 'none', [weeks('mails-sent', 1, 1)], [0, 10]],
    ['mailsAnswered', 'three mails say nothing', [weeks('mails-sent', 1, 1, 3)], null],
    ['daysSinceActivity', 'a mail that was answered ends silence', [weeks('mails-answered', 1, 1)], [5, 96]],
  ]
  it.each(daily)('%s: %s', (metric, _, series, expected) => {
    expect(read(metric, [], series)).toEqual(expected)
  })

  it('punishes nobody who has no telephony: neither the score nor how sure it is knows of it', () => {
    const facts = [...company({ label: 'customer', happenedAt: NOW }), fact('ticket', { happenedAt: ago(2) })]
    const found = healthOf(facts, NOW)
    const extras = metrics.filter(({ isExtra }) => isExtra)
    expect(extras.length).toBeGreaterThan(8)
    const without = Object.fromEntries(
      Object.entries(HEALTH_SETTINGS.metrics).map(([name, held]) => [
        name,
        extras.some((extra) => extra.name === name) ? { ...held, weight: 0 } : held,
      ]),
    )
    expect(found).toEqual(healthOf(facts, NOW, { ...HEALTH_SETTINGS, metrics: without }))
  })

  it('moves the score of whoever falls silent', () => {
    const facts = [fact('billing', { label: 'CURRENT' }), fact('account-status', { label: 'ACTIVE' })]
    const of = (now: number) => healthOf(facts, NOW, HEALTH_SETTINGS, [weeks('usage-minutes', now, 60)])
    expect(of(0).score!).toBeLessThan(of(60).score! - 10)
  })
})

it('has a sentence for each metric, and a weight and knots that an organisation may change', () => {
  for (const { name, description } of metrics) {
    expect(description).toMatch(/^[A-Z].+\.$/)
    expect(HEALTH_SETTINGS.metrics[name]!.weight).toBeGreaterThan(0)
  }
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length)
})

it('scores nobody without facts, and is not confident about it', () => {
  expect(healthOf([], NOW)).toMatchObject({
    score: null,
    confidence: 0,
    coverage: 0,
    contributions: [],
    dueAt: null,
  })
  expect(healthOf([], NOW).dimensions.map((d) => d.score)).toEqual([null, null, null, null])
})

it('gives the weight of sides without facts to the others, and says so', () => {
  const bills = [fact('billing', { label: 'CURRENT', amount: 20_000, unit: 'USD' })]
  const found = healthOf([...bills, fact('account-status', { label: 'CHURNED' })], NOW)
  expect(found.dimensions).toMatchObject([
    { name: 'CRM', score: null, weight: 0, coverage: 0 },
    { name: 'PAYMENT', score: 100, weight: 0.5455, coverage: 0.8 },
    { name: 'USAGE', score: 0, weight: 0.4545, coverage: expect.any(Number) },
    { name: 'SUPPORT', score: null, weight: 0, coverage: 0 },
  ])
  expect(found.score).toBe(54.55)
})

it('survives a customer with more records than a function has room for arguments', () => {
  const signals = many(150_000, () => contact(3))
  expect(healthOf(signals, NOW)).toMatchObject({ confidence: expect.any(Number), score: expect.any(Number) })
})
