import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { countFreshPeaks } from '#subgraphs/telephony/commands/count-peaks.ts'
import { takeUsage } from '#subgraphs/telephony/commands/take-usage.ts'
import type { FreshUsage } from '#subgraphs/telephony/store/fresh-usage.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import type { Sent } from '#test/usage/bed.ts'
import { type AlertsBed, alertsBed, HOUR_MS, MINUTE_MS } from './bed.ts'

const START = Date.parse('2026-11-18T10:20:00Z')
let bed: AlertsBed
beforeAll(async () => {
  bed = await alertsBed(new Date(START).toISOString())
})
afterAll(() => bed[Symbol.asyncDispose]())

const sent: Sent[] = []
const hourOf = (ms: number) => Math.floor(ms / HOUR_MS) * HOUR_MS
const endOf = ({ startedAt, seconds = 0 }: Sent) => Date.parse(startedAt) + seconds * 1000

/** The most calls at once in each hour of a trunk, found by trying every moment at which one begins. */
const tried = (): Map<string, number> => {
  const peaks = new Map<string, number>()
  const talked = sent.filter(({ seconds = 0 }) => seconds > 0)
  for (const [trunkId, calls] of Map.groupBy(talked, (call) => call.trunkId))
    for (const call of calls)
      for (let hour = hourOf(Date.parse(call.startedAt)); hour < endOf(call); hour += HOUR_MS) {
        const at = Math.max(hour, Date.parse(call.startedAt))
        const count = calls.filter((other) => Date.parse(other.startedAt) <= at && endOf(other) > at).length
        const place = `${trunkId} ${new Date(hour).toISOString()}`
        peaks.set(place, Math.max(peaks.get(place) ?? 0, count))
      }
  return peaks
}
const kept = async () =>
  new Map(
    (await bed.rows('select trunk_id, slot, counted_peak, xmin from telephony.trunk_hours')).map((row) => [
      `${row.trunk_id} ${(row.slot as Date).toISOString()}`,
      row.counted_peak as number,
    ]),
  )
const written = async () =>
  new Map(
    (await bed.rows('select trunk_id, slot, xmin from telephony.trunk_hours')).map((row) => [
      `${row.trunk_id} ${(row.slot as Date).toISOString()}`,
      row.xmin,
    ]),
  )

/** Calls of a seed between two moments, most of them short, some of hours, many of them beginning or ending on the same second. */
const made = (count: number, from: number, to: number, prefix: string): Sent[] => {
  let state = 11
  const chance = () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
  const trunks = bed.accounts.flatMap((account) => account.trunks)
  return Array.from({ length: count }, (_, n) => {
    const answered = chance() < 0.8
    const seconds = chance() < 0.1 ? Math.floor(chance() * 4) * 3600 : Math.floor(chance() * 20) * 60
    return {
      ...{ id: `${prefix}-${n}`, kind: 'CALL' as const, answered, seconds: answered ? seconds : 0 },
      trunkId: trunks[Math.floor(chance() * trunks.length)]!,
      startedAt: new Date(from + Math.floor((chance() * (to - from)) / MINUTE_MS) * MINUTE_MS).toISOString(),
    }
  })
}
const send = async (calls: readonly Sent[]) => {
  sent.push(...calls)
  const { body } = await bed.post(calls)
  expect(body).toMatchObject({ accepted: calls.length })
}

it('counts the most calls at once in each hour as trying every moment does, calls that go on into the next hours too', async () => {
  await send(made(1_000, START - 12 * HOUR_MS, START, 'first'))
  // Whoever was killed after two pages has counted those; the next one counts the others.
  const page = (after?: FreshUsage) =>
    bed.database.transaction(DEMO, (tx) => countFreshPeaks(tx, DEMO, after, 5))
  const [one, two] = [await page(), await page()]
  expect(two!.slot.getTime()).toBeGreaterThan(one!.slot.getTime())
  expect((await page(one))!.slot.getTime()).toBeGreaterThan(two!.slot.getTime())
  await bed.tick()
  const [found, right] = [await kept(), tried()]
  expect(found.size).toBeGreaterThan(40)
  expect(Math.max(...right.values())).toBeGreaterThan(8)
  expect(found).toEqual(right)
})

it('counts hours anew that late calls touch, and no others', async () => {
  const before = await written()
  const at = START - 30 * HOUR_MS
  const trunkId = bed.accounts[1]!.trunks[0]!
  const late = (id: string, began: number, seconds: number): Sent => ({
    ...{ id, trunkId, kind: 'CALL', answered: true, seconds },
    startedAt: new Date(began).toISOString(),
  })
  await send([late('l-1', at, 7200), late('l-2', at + HOUR_MS, 60), late('l-3', START - 5 * HOUR_MS, 10_000)])
  bed.clock.advance(5 * MINUTE_MS)
  await bed.tick()
  expect(await kept()).toEqual(tried())
  const after = await written()
  const changed = [...after].filter(([place, xmin]) => before.get(place) !== xmin).map(([place]) => place)
  expect(changed.every((place) => place.startsWith(trunkId))).toBe(true)
  expect(changed.length).toBeLessThanOrEqual(7)
  expect(changed.length).toBeGreaterThanOrEqual(3)
  expect(await bed.rows('select * from telephony.fresh_usage')).toEqual([])
})

it('misses no call that comes in while hours are counted, and has nobody who brings calls wait for that', async () => {
  const next = () => bed.clock.advance(5 * MINUTE_MS)
  const more = (prefix: string) => send(made(60, START - 4 * HOUR_MS, START, prefix))
  await more('before')
  next()
  // Whoever counts has seen all calls, and cannot write what it has found: other calls come in, and are answered for.
  const counted = await bed.database.transaction(DEMO, async (tx) => {
    await sql`select from telephony.trunk_hours for update`.execute(tx)
    const ticking = bed.tick()
    await bed.waiting()
    await more('while')
    return { ticking }
  })
  expect(await counted.ticking).toBe(true)
  expect(await kept()).not.toEqual(tried())
  next()
  await bed.tick()
  expect(await kept()).toEqual(tried())
  // Calls that are written and not there yet for others: nobody waits for them either.
  const calls = made(60, START - 4 * HOUR_MS, START, 'under way')
  next()
  await bed.database.transaction(DEMO, async (tx) => {
    const told = calls.map((call, index) => ({ index, told: call }))
    expect(await takeUsage(tx, { orgId: DEMO, clock: bed.clock }, told)).toMatchObject({ accepted: 60 })
    expect(await bed.tick()).toBe(true)
  })
  sent.push(...calls)
  expect(await kept()).not.toEqual(tried())
  next()
  await bed.tick()
  expect(await kept()).toEqual(tried())
})

it('answers how busy a trunk was hour by hour, by what the platform counted where that is more', async () => {
  const [trunkId, other] = bed.accounts[1]!.trunks as [string, string]
  const hour = hourOf(START - 3 * HOUR_MS)
  await bed.report([{ trunkId, activeCalls: 40, at: new Date(hour + MINUTE_MS) }])
  await bed.report([{ trunkId: other, activeCalls: 0, at: new Date(hour + MINUTE_MS) }])
  const ask = (id: string, from: number, to: number) =>
    bed.ask(
      `query ($id: ID!, $from: DateTime!, $to: DateTime!) { trunk(id: $id) {
        utilisation(from: $from, to: $to) { from peakCalls allowedCalls share minutes shareOfMonthlyMinutes } } }`,
      { id, from: new Date(from).toISOString(), to: new Date(to).toISOString() },
    )
  const { utilisation } = await ask(trunkId, hour - 100 * HOUR_MS + 1, hour + HOUR_MS)
  expect(utilisation).toHaveLength(101)
  const right = tried()
  const talk = new Map<number, number>()
  for (const call of sent.filter((one) => one.trunkId === trunkId)) {
    const began = hourOf(Date.parse(call.startedAt))
    talk.set(began, (talk.get(began) ?? 0) + call.seconds! / 60)
  }
  for (const point of utilisation.slice(0, -1)) {
    const peak = right.get(`${trunkId} ${new Date(point.from).toISOString()}`) ?? 0
    const minutes = talk.get(Date.parse(point.from)) ?? 0
    expect(point).toMatchObject({ peakCalls: peak, allowedCalls: 10, share: peak / 10 })
    expect(point.minutes).toBeCloseTo(minutes, 9)
    expect(point.shareOfMonthlyMinutes).toBeCloseTo(minutes / 1000, 9)
  }
  expect(utilisation.at(-1)).toMatchObject({ peakCalls: 40, share: 4 })
  const { utilisation: others } = await ask(other, hour, hour + HOUR_MS)
  expect(others[0].peakCalls).toBe(right.get(`${other} ${new Date(hour).toISOString()}`) ?? 0)
  await expect(ask(trunkId, hour, hour)).rejects.toThrow('BAD_INPUT')
  await expect(ask(trunkId, hour - 2000 * HOUR_MS, hour)).rejects.toThrow('BAD_INPUT')
})

it('does not say how busy an hour was once calls of it have come more than 72 hours after they ended, and counts what came before that', async () => {
  const [trunkId] = bed.accounts[0]!.trunks as [string]
  const now = START + 2 * HOUR_MS
  bed.clock.set(new Date(now))
  const first = hourOf(now - 72 * HOUR_MS) - HOUR_MS
  const call = (id: string, began: number, seconds: number) => ({
    ...{ id, trunkId, kind: 'CALL', startedAt: new Date(began).toISOString(), seconds },
  })
  const peaks = async () => {
    const { utilisation } = await bed.ask(
      `query ($id: ID!, $from: DateTime!, $to: DateTime!) { trunk(id: $id) { utilisation(from: $from, to: $to) { peakCalls share minutes } } }`,
      { id: trunkId, from: new Date(first).toISOString(), to: new Date(first + 4 * HOUR_MS).toISOString() },
    )
    return utilisation.map((each: { peakCalls: number | null; minutes: number }) => [
      each.peakCalls,
      each.minutes,
    ])
  }
  const look = async (...calls: object[]) => {
    expect((await bed.post(calls)).body).toMatchObject({ accepted: calls.length })
    bed.clock.advance(5 * MINUTE_MS)
    await bed.tick()
  }
  await bed.report([{ trunkId, activeCalls: 4, at: new Date(first + 130 * MINUTE_MS) }])
  // It began earlier, and was under way until two minutes after that.
  await look(call('long', first + 50 * MINUTE_MS, (now + 2 * MINUTE_MS - 72 * HOUR_MS - first) / 1000 - 3000))
  expect(await peaks()).toEqual([
    [1, expect.any(Number)],
    [1, 0],
    [4, 0],
    [0, 0],
  ])
  bed.clock.advance(3 * HOUR_MS)
  // One into the next hour, one into an hour that the platform had counted, and one into an hour of which nothing was known.
  await look(
    call('late', first + 30 * MINUTE_MS, 3600),
    call('later', first + 115 * MINUTE_MS, 600),
    call('last', first + 170 * MINUTE_MS, 1200),
  )
  expect((await peaks()).map(([peak]: [number | null]) => peak)).toEqual([null, null, 4, null])
  expect(await bed.rows('select * from telephony.fresh_usage')).toEqual([])
})
