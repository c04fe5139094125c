import { afterAll, beforeAll, expect, it } from 'vitest'
import { encodeCursor } from '#kernel/cursor.ts'
import { beginTick, tick } from '#subgraphs/telephony/commands/tick.ts'
import { slotToTick } from '#subgraphs/telephony/domain/ticks.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { subscriber } from '#test/kit/subscriber.ts'
import { until } from '#test/kit/until.ts'
import { type AlertsBed, alertsBed, HOUR_MS, MINUTE_MS } from './bed.ts'

let bed: AlertsBed
beforeAll(async () => {
  bed = await alertsBed()
})
afterAll(() => bed[Symbol.asyncDispose]())

const ago = (ms: number) => new Date(bed.clock.now().getTime() - ms)
const now = async () => {
  const { activeCalls, trunks } = await bed.ask(
    `query ($ban: ID!) { billingAccount(ban: $ban) { activeCalls trunks { nodes { activeCalls } } } }`,
    { ban: bed.accounts[0]!.ban },
  )
  return [activeCalls, ...trunks.nodes.map((trunk: { activeCalls: number }) => trunk.activeCalls)]
}

it('knows how many calls are under way as the platform said last, whatever order its counts come in', async () => {
  const [one, two] = bed.accounts[0]!.trunks as [string, string]
  expect(await now()).toEqual([null, null, null])
  expect(
    await bed.report([
      { trunkId: one, activeCalls: 3 },
      { trunkId: one, activeCalls: 5, at: ago(2 * MINUTE_MS) },
      { trunkId: two, activeCalls: 2, at: ago(MINUTE_MS) },
    ]),
  ).toEqual({ accepted: 3, refused: [] })
  await bed.report([{ trunkId: two, activeCalls: 7, at: ago(3 * MINUTE_MS) }])
  expect(await now()).toEqual([5, 3, 2])
  const peaks = () => bed.rows('select told_peak from telephony.trunk_hours order by told_peak')
  expect(await peaks()).toEqual([{ told_peak: 5 }, { told_peak: 7 }])
  const before = await bed.rows('select *, xmin from telephony.active_calls order by trunk_id')
  await bed.report([{ trunkId: one, activeCalls: 3 }])
  expect(await bed.rows('select *, xmin from telephony.active_calls order by trunk_id')).toEqual(before)
})

it('says nothing of now once the last count is ten minutes old', async () => {
  bed.clock.advance(9 * MINUTE_MS + 30_000)
  expect(await now()).toEqual([3, 3, null])
  bed.clock.advance(MINUTE_MS)
  expect(await now()).toEqual([null, null, null])
})

it('fault 11 (telephony): takes counts of a clock a quarter of an hour ahead, and none of one further ahead or three days behind', async () => {
  const [trunkId] = bed.accounts[0]!.trunks as [string]
  const answer = await bed.report([
    { trunkId, activeCalls: 1, at: ago(-14 * MINUTE_MS) },
    { trunkId, activeCalls: 1, at: ago(-16 * MINUTE_MS) },
    { trunkId, activeCalls: 1, at: ago(73 * HOUR_MS) },
    { trunkId, activeCalls: -1 },
    { trunkId: 'main', activeCalls: 1 },
    { trunkId: '00000000-0000-4000-8000-00000000dead', activeCalls: 1 },
  ])
  expect(answer.accepted).toBe(1)
  expect(
    answer.refused.map(({ index, message }: { index: number; message: string }) => [index, message]),
  ).toEqual([
    [1, expect.stringContaining('future')],
    [2, expect.stringContaining('72 hours')],
    [3, expect.stringContaining('activeCalls')],
    [4, expect.stringContaining('trunkId')],
    [5, expect.stringContaining('no trunk')],
  ])
  expect(await bed.report([{ trunkId, activeCalls: 9 }], principal(EMPTY))).toMatchObject({ accepted: 0 })
  const tooMany = Array.from({ length: 1_001 }, () => ({ trunkId, activeCalls: 1 }))
  expect(await bed.report(tooMany)).toEqual({ field: 'readings' })
})

it('takes what a clock ahead counted for true when it comes, so that it stands in the way of no count that comes after it', async () => {
  const [trunkId, other] = bed.accounts[0]!.trunks as [string, string]
  bed.clock.advance(MINUTE_MS)
  const ahead = { trunkId, activeCalls: 9, at: ago(-14 * MINUTE_MS) }
  await bed.report([ahead, { trunkId: other, activeCalls: 0 }])
  expect(await now()).toEqual([9, 9, 0])
  bed.clock.advance(MINUTE_MS)
  await bed.report([ahead, { trunkId, activeCalls: 2 }])
  expect(await now()).toEqual([2, 2, 0])
  // Sent once more, it is known: also when the moment it says has come.
  for (const minutes of [1, 12]) {
    bed.clock.advance(minutes * MINUTE_MS)
    await bed.report([{ trunkId, activeCalls: 3, at: ago(MINUTE_MS / 2) }, ahead])
    expect((await now())[1]).toBe(3)
  }
  bed.clock.advance(MINUTE_MS)
  await bed.report([{ ...ahead, activeCalls: 1, at: ago(-5 * MINUTE_MS) }])
  expect((await now())[1]).toBe(1)
})

it('asks as many statements for many counts as for one', async () => {
  const trunks = bed.accounts.flatMap((account) => account.trunks)
  const asked = async (count: number) => {
    bed.clock.advance(10 * MINUTE_MS)
    const readings = Array.from({ length: count }, (_, n) => ({
      ...{ trunkId: trunks[n % trunks.length]!, activeCalls: 1 },
      at: ago(n % 50),
    }))
    bed.statements.length = 0
    await bed.report(readings)
    return bed.statements.filter((text) => /telephony|audit_log/.test(text)).length
  }
  expect(await asked(1_000)).toBe(await asked(1))
})

it('tells every five minutes how the accounts are doing over whose trunks something goes, and nobody of the others', async () => {
  bed.clock.set('2026-11-18T11:59:30Z')
  const { ban, trunks } = bed.accounts[0]!
  const [one, two] = trunks as [string, string]
  await bed.tick()
  const before = (await bed.told('usage.ticked')).length
  await bed.calls(two, 3, { at: new Date('2026-11-18T11:56:00Z'), seconds: 90 })
  await bed.calls(two, 1, { at: new Date('2026-11-18T11:58:00Z'), answered: false })
  // What ended only now began before these five minutes; what is brought over of the day before yesterday is in the month alone.
  await bed.calls(two, 2, { at: new Date('2026-11-18T11:40:00Z'), seconds: 30 })
  await bed.calls(two, 1, { at: new Date('2026-11-17T09:00:00Z'), seconds: 60 })
  await bed.report([{ trunkId: one, activeCalls: 4 }])
  bed.clock.set('2026-11-18T12:00:01Z')
  expect(await bed.tick()).toBe(true)
  const ticks = (await bed.told('usage.ticked')).slice(before)
  expect(ticks).toMatchObject([
    {
      ban,
      at: '2026-11-18T12:00:00.000Z',
      activeCalls: 4,
      monthToDate: { minutes: '6.5000', spend: null },
    },
  ])
  expect(ticks[0]!.trunks).toEqual([
    { trunkId: one, activeCalls: 4, calls: 0, completedCalls: 0, seconds: 0, messages: 0 },
    { trunkId: two, activeCalls: 0, calls: 6, completedCalls: 5, seconds: 330, messages: 0 },
  ])
  await using hearing = await subscriber(
    bed.url!,
    `subscription ($trunkId: ID, $after: Cursor) { usageTick(trunkId: $trunkId, after: $after) { at account { ban } activeCalls
      minutesThisMonth spendThisMonth { amount } trunks { trunk { id } activeCalls calls completedCalls minutes messages } } }`,
    { trunkId: two, after: encodeCursor([0]) },
    bed.clock,
  )
  const heard = await until(() =>
    hearing.heard.find(({ data }) => data.usageTick!.at === '2026-11-18T12:00:00.000Z'),
  )
  expect(heard.data.usageTick).toEqual({
    ...{ at: '2026-11-18T12:00:00.000Z', account: { ban }, activeCalls: 4 },
    ...{ minutesThisMonth: '6.5', spendThisMonth: null },
    trunks: [{ trunk: { id: two }, activeCalls: 0, calls: 6, completedCalls: 5, minutes: 5.5, messages: 0 }],
  })
})

it('fault 10 (telephony): two who look after the same five minutes do it once', async () => {
  bed.clock.set('2026-11-18T12:05:10Z')
  const [trunkId] = bed.accounts[0]!.trunks as [string]
  // It began before the last tick, and ended after it.
  await bed.calls(trunkId, 1, { at: new Date('2026-11-18T11:59:00Z'), seconds: 240 })
  const before = (await bed.told('usage.ticked')).length
  const done = await Promise.all([bed.tick(), bed.tick(), bed.tick()])
  expect(done.filter(Boolean)).toHaveLength(1)
  await bed.report([{ trunkId, activeCalls: 4 }])
  bed.clock.set('2026-11-18T12:10:10Z')
  await bed.tick()
  const ticks = (await bed.told('usage.ticked')).slice(before)
  expect(ticks.map(({ at, trunks }) => [at, trunks[0].trunkId, trunks[0].calls, trunks[0].seconds])).toEqual([
    ['2026-11-18T12:05:00.000Z', trunkId, 1, 240],
    ['2026-11-18T12:10:00.000Z', trunkId, 0, 0],
  ])
})

it('fault 12 (telephony): five minutes that were done are not done again when the clock is set back an hour', async () => {
  const before = (await bed.told('usage.ticked')).length
  bed.clock.advance(-HOUR_MS)
  expect(await bed.tick()).toBe(false)
  bed.clock.advance(HOUR_MS)
  expect(await bed.tick()).toBe(false)
  expect(await bed.told('usage.ticked')).toHaveLength(before)
  bed.clock.advance(5 * MINUTE_MS)
  expect(await bed.tick()).toBe(true)
})

it('fault 1 (telephony): five minutes that are broken off between two pages are gone on with before the next begin, and each account is told once', async () => {
  const around = { orgId: DEMO, clock: bed.clock }
  const begin = () => bed.database.transaction(DEMO, (tx) => beginTick(tx, around))
  const page = (slot: Date, then = async () => {}) =>
    bed.database.transaction(DEMO, async (tx) => {
      const came = await tick(tx, around, slot, 1)
      await then()
      return came
    })
  const kill = async () => {
    throw new Error('killed')
  }
  bed.clock.set('2026-11-18T14:00:10Z')
  const before = (await bed.told('usage.ticked', 'alert.opened')).length
  const bans = bed.accounts.map(({ ban }) => ban).sort()
  for (const { trunks } of bed.accounts) {
    await bed.report([{ trunkId: trunks[1]!, activeCalls: 4 }])
    await bed.calls(trunks[1]!, 20, { answered: false })
  }
  const slot = await begin()
  expect(await begin()).toEqual(slot)
  expect(await page(slot!)).toBe('MORE')
  await expect(page(slot!, kill)).rejects.toThrow('killed')
  bed.clock.advance(5 * MINUTE_MS)
  expect(await bed.tick()).toBe(true)
  expect(await bed.tick()).toBe(false)
  // Whoever was asleep meanwhile finds that nothing is left of them.
  expect(await page(slot!)).toBe('ENDED')
  const told = (await bed.told('usage.ticked', 'alert.opened')).slice(before)
  const ticks = told
    .filter(({ name }) => name === 'usage.ticked')
    .map(({ ban, at }) => `${at.slice(11, 16)} ${ban}`)
  expect(ticks).toEqual(['14:00', '14:05'].flatMap((time) => bans.map((ban) => `${time} ${ban}`)))
  expect(told.filter(({ name }) => name === 'alert.opened').map(({ ban }) => ban)).toEqual(bans)
  expect(await bed.rows('select * from telephony.fresh_usage')).toEqual([])
})

it('goes on with five minutes that were begun, unless they were for long, and with none that lie behind', () => {
  const at = (time: string | null) => (time === null ? null : new Date(`2026-11-18T${time}:00Z`))
  const next = (ticked: string | null, ticking: string | null, now: string) =>
    slotToTick({ ticked: at(ticked), ticking: at(ticking) }, at(now)!)
      ?.toISOString()
      .slice(11, 16)
  expect([next(null, null, '12:04'), next('11:55', null, '12:04')]).toEqual(['12:00', '12:00'])
  expect([next('12:00', null, '12:04'), next('12:05', null, '12:04')]).toEqual([undefined, undefined])
  expect([next('11:55', '12:00', '12:04'), next('11:55', '12:00', '12:19')]).toEqual(['12:00', '12:00'])
  expect([next('11:55', '12:00', '12:20'), next('11:55', '12:00', '11:59')]).toEqual(['12:20', undefined])
})
