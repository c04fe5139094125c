import { expect, it } from 'vitest'
import type { EventPayload } from '#schema/events.ts'
import { knownAt } from '#subgraphs/insights/domain/facts.ts'
import { seriesOf } from '#subgraphs/insights/store/series.ts'
import { asTransaction } from '#subgraphs/insights/store/transaction.ts'
import { type InsightsBed, insightsBed } from './bed.ts'
import { NOW } from './facts.ts'
import { says, type Told, World } from './world.ts'

type Day = EventPayload<'telephony.usage.summarised'>
type Alert = EventPayload<'telephony.alert.opened'>

const day = (text: string, says: Partial<Day> = {}): Day => ({
  ...{ ban: 'ban-1', day: text, calls: 40, completedCalls: 30, minutes: '90.25', messages: 3, spend: null },
  ...{ asr: 0.75, acd: 180.5, monthToDate: { minutes: '900', spend: null }, observedAt: NOW.toISOString() },
  ...says,
})
const alert = (says: Partial<Alert> = {}): Alert => ({
  ...{
    alertId: 'alert-1',
    ban: 'ban-1',
    trunkId: 'trunk-1',
    measure: 'ANSWER_RATIO',
    severity: 'HIGH',
    value: '0.42',
  },
  ...{ bound: '0.5', limit: null, percent: null, currency: null, period: 'last_hour', closedAt: null },
  ...{
    openedAt: '2026-11-19T10:00:00.000Z',
    dueAt: '2026-11-19T14:00:00.000Z',
    observedAt: NOW.toISOString(),
  },
  ...says,
})

const kept = async (bed: Awaited<ReturnType<typeof insightsBed>>, kinds: string[]) =>
  (
    await bed.rows<Record<string, unknown>>(
      `select kind, account_id, amount::float8 as amount, unit, label, happened_at, ended_at from insights.signals
       where kind = any($1) and account_id is not null order by kind, happened_at`,
      [kinds],
    )
  ).map(({ kind, account_id, amount, unit, label, happened_at, ended_at }) => [
    ...[kind, account_id, amount, unit, label, (happened_at as Date).toISOString().slice(0, 10)],
    ended_at !== null,
  ])

const DAYS = ['usage-minutes', 'answer-ratio', 'call-length'] as const
/** The days that are kept of customers' accounts, by kind. */
const daysOf = async (bed: InsightsBed, world: World, customerId = 'customer') =>
  bed.database.read(world.orgId, async (tx) => {
    const found = await seriesOf(asTransaction(tx), world.orgId, [customerId], DAYS)
    return Object.fromEntries(
      found.get(customerId)!.map(({ kind, days }) => [kind, days.map(({ day, amount }) => [day, amount])]),
    )
  })

it('keeps an account’s minutes, answer ratio and length of calls, day by day, as they were told last', async () => {
  await using bed = await insightsBed()
  const world = new World()
  world.tell('customers.identity.changed', says.identity('customer', 1, ['WARP:ban-1']))
  const first = world.tell('telephony.usage.summarised', day('2026-11-18'))
  world.tell('telephony.usage.summarised', day('2026-11-19', { minutes: '0', asr: null, acd: null }))
  await bed.take(world.told, NOW)
  expect(await daysOf(bed, world)).toEqual({
    'answer-ratio': [['2026-11-18', 0.75]],
    'call-length': [['2026-11-18', 180.5]],
    'usage-minutes': [
      ['2026-11-18', 90.25],
      ['2026-11-19', 0],
    ],
  })
  expect(await bed.scoreAll(NOW)).toBe(1)
  // Records that came late have changed the day, or taken what it told; what was said before that changes nothing, though it comes again.
  const again = world.tell('telephony.usage.summarised', day('2026-11-18', { minutes: '95', asr: null }))
  const other = world.tell('telephony.usage.summarised', day('2026-10-31'))
  for (const batch of [[other], [again, first], [first]]) await bed.take(batch, NOW)
  expect(await daysOf(bed, world)).toEqual({
    'answer-ratio': [['2026-10-31', 0.75]],
    'call-length': [
      ['2026-10-31', 180.5],
      ['2026-11-18', 180.5],
    ],
    'usage-minutes': [
      ['2026-10-31', 90.25],
      ['2026-11-18', 95],
      ['2026-11-19', 0],
    ],
  })
  expect(await bed.scoreAll(NOW)).toBe(1)
  await bed.take([again, other], NOW)
  expect(await bed.scoreAll(NOW)).toBe(0)
})

it('keeps days of thirteen months, a month of an account in one row that says where in the log each was told', async () => {
  await using bed = await insightsBed()
  const world = new World()
  world.tell('customers.identity.changed', says.identity('customer', 1, ['WARP:ban-1']))
  await bed.take(world.told, NOW)
  const days = ['2025-09-30', '2025-10-31', '2026-11-18', '2026-11-19']
  const told = days.map((text) => world.tell('telephony.usage.summarised', day(text)))
  await bed.take(told, NOW)
  const minutes = async () => (await daysOf(bed, world))['usage-minutes']?.map(([text]) => text)
  expect(await minutes()).toEqual(days.slice(1))
  const rows = await bed.rows<{ month: string; positions: (string | null)[] }>(
    "select month::text, positions from insights.series where kind = 'usage-minutes' order by month",
  )
  expect(
    rows.map(({ month, positions }) => [
      month,
      positions.flatMap((pos, n) => (pos === null ? [] : [[n + 1, Number(pos)]])),
    ]),
  ).toEqual([
    ['2025-10-01', [[31, told[1]!.event.pos]]],
    [
      '2026-11-01',
      [
        [18, told[2]!.event.pos],
        [19, told[3]!.event.pos],
      ],
    ],
  ])
  // A month later the oldest goes, with the next day that is told.
  const later = new Date('2026-12-02T00:00:00Z')
  await bed.take([world.tell('telephony.usage.summarised', day('2026-12-01'))], later)
  expect(await minutes()).toEqual([...days.slice(2), '2026-12-01'])
  // What was told of it before it went does not bring it back.
  await bed.take([told[1]!], later)
  expect(await minutes()).toEqual([...days.slice(2), '2026-12-01'])
})

it('gives days to whoever has the account, in as many statements for a thousand days as for one', async () => {
  await using bed = await insightsBed()
  const world = new World()
  world.tell('customers.identity.changed', says.identity('customer', 1, ['WARP:ban-1']))
  world.tell('customers.identity.changed', says.identity('other', 1, ['WARP:ban-2']))
  await bed.take(world.told, NOW)
  const cost = async (told: Told[]) => {
    const from = bed.database.statements
    await bed.take(told, NOW)
    return bed.database.statements - from
  }
  const tell = (text: string, ban = 'ban-1') => world.tell('telephony.usage.summarised', day(text, { ban }))
  const one = await cost([tell('2026-11-18')])
  const many = Array.from({ length: 1000 }, (_, n) =>
    tell(new Date(Date.UTC(2026, 8, 1 + (n % 60))).toISOString().slice(0, 10), `ban-${1 + (n % 2)}`),
  )
  expect(await cost(many)).toBe(one)
  expect((await daysOf(bed, world, 'other'))['usage-minutes']).toHaveLength(30)
  await bed.take(
    [world.tell('customers.identity.changed', says.identity('customer', 2, ['WARP:ban-1', 'WARP:ban-2']))],
    NOW,
  )
  await bed.take([world.tell('customers.identity.changed', says.identity('other', 2, []))], NOW)
  expect(await daysOf(bed, world, 'other')).toEqual({})
  const stranger = new World()
  expect(
    await bed.database.read(stranger.orgId, (tx) =>
      seriesOf(asTransaction(tx), stranger.orgId, ['customer'], DAYS),
    ),
  ).toEqual(new Map([['customer', []]]))
})

it('shows no day after the moment that is judged', () => {
  const said = { system: 'WARP', accountSystem: 'WARP', accountId: 'ban-1', unit: 'minutes' } as const
  const days = ['2026-11-19', '2026-11-20', '2026-11-21'].map((day, amount) => ({ day, amount }))
  const known = knownAt([], NOW, [
    { ...said, kind: 'usage-minutes', days },
    { ...said, kind: 'call-length', days },
  ])
  expect(known.series('usage-minutes')).toEqual([{ ...said, kind: 'usage-minutes', days: days.slice(0, 2) }])
  expect(known.series('answer-ratio')).toEqual([])
})

it('keeps alerts of accounts, what was measured in which unit, and whether they are over', async () => {
  await using bed = await insightsBed()
  const world = new World()
  const money = {
    measure: 'CREDIT',
    value: '81.5',
    bound: '80',
    limit: '100',
    percent: 80,
    currency: 'EUR',
  } as const
  world.tell('telephony.alert.opened', alert())
  world.tell('telephony.alert.opened', alert({ ...money, alertId: 'alert-2', trunkId: null, period: 'now' }))
  const over = { value: '0.6', closedAt: '2026-11-19T11:00:00.000Z' }
  world.tell('telephony.alert.closed', alert(over))
  // As a batch of its own each, and the first one again at the end: what was said last counts.
  for (const told of [...world.told, world.told[0]!]) await bed.take([told], NOW)
  expect((await kept(bed, ['usage-alert'])).sort()).toEqual([
    ['usage-alert', 'ban-1', 0.6, 'share', 'HIGH ANSWER_RATIO', '2026-11-19', true],
    ['usage-alert', 'ban-1', 81.5, 'EUR', 'HIGH CREDIT', '2026-11-19', false],
  ])
})
