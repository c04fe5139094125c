import { expect, it } from 'vitest'
import type { EventPayload } from '#schema/events.ts'
import { insightsBed } from './bed.ts'
import { NOW } from './facts.ts'
import { says, World } from './world.ts'

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

it('keeps an account’s minutes, answer ratio and length of calls of the last five weeks, day by day, as they were told last', async () => {
  await using bed = await insightsBed()
  const world = new World()
  world.tell('customers.identity.changed', says.identity('customer', 1, ['WARP:ban-1']))
  const first = world.tell('telephony.usage.summarised', day('2026-11-18'))
  world.tell('telephony.usage.summarised', day('2026-11-19', { minutes: '0', asr: null, acd: null }))
  await bed.take(world.told, NOW)
  const KINDS = ['usage-minutes', 'answer-ratio', 'call-length']
  expect(await kept(bed, KINDS)).toEqual([
    ['answer-ratio', 'ban-1', 0.75, 'share', null, '2026-11-18', false],
    ['call-length', 'ban-1', 180.5, 'seconds', null, '2026-11-18', false],
    ['usage-minutes', 'ban-1', 90.25, 'minutes', null, '2026-11-18', false],
    ['usage-minutes', 'ban-1', 0, 'minutes', null, '2026-11-19', false],
  ])
  // Records that came late have changed the day; what was said before that changes nothing, though it comes again.
  const again = world.tell('telephony.usage.summarised', day('2026-11-18', { minutes: '95', asr: 0.8 }))
  await bed.take([again, first], NOW)
  expect((await kept(bed, ['usage-minutes', 'answer-ratio'])).map(([, , amount]) => amount)).toEqual([
    0.8, 95, 0,
  ])
  // Five weeks later a day takes its place, also where nobody called on it.
  await bed.take(
    [world.tell('telephony.usage.summarised', day('2026-12-23', { asr: null, minutes: '5' }))],
    NOW,
  )
  expect((await kept(bed, KINDS)).map(([kind, , amount, , , on]) => [kind, amount, on])).toEqual([
    ['call-length', 180.5, '2026-12-23'],
    ['usage-minutes', 0, '2026-11-19'],
    ['usage-minutes', 5, '2026-12-23'],
  ])
  expect(await bed.scoreAll(NOW)).toBe(1)
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
