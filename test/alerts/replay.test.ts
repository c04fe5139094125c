import { afterAll, beforeAll, expect, it } from 'vitest'
import { movesOf, type OpenAlert } from '#subgraphs/telephony/domain/alerts.ts'
import { HUB_THRESHOLDS, type Measure, type Threshold } from '#subgraphs/telephony/domain/thresholds.ts'
import { type AlertsBed, alertsBed, MINUTE_MS } from './bed.ts'

/** Percent of the limit at moments of a day: three times above 80, two of them above 100. Between them it goes in straight lines. */
const DAY: readonly (readonly [number, number])[] = [
  [0, 40],
  [150, 60],
  [300, 92],
  [480, 92],
  [600, 55],
  [720, 112],
  [840, 112],
  [930, 60],
  [1080, 118],
  [1230, 118],
  [1380, 50],
  [1440, 40],
]
const EXCURSIONS = { MEDIUM: 3, HIGH: 2 }

const levelAt = (minute: number): number => {
  const next = DAY.findIndex(([at]) => at > minute)
  const [[fromAt, from], [toAt, to]] = [DAY[next - 1]!, DAY[next]!]
  return from + ((to - from) * (minute - fromAt)) / (toAt - fromAt)
}

/** The day's level in percent, every so many minutes, trembling by less than 2.4 points: the same for the same seed. */
const trembling = (seed: number, everyMinutes: number): number[] => {
  let state = seed
  const chance = () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
  const samples = Math.floor(1440 / everyMinutes)
  return Array.from({ length: samples }, (_, n) => levelAt(n * everyMinutes) + (chance() * 2 - 1) * 2.4)
}

/** Plays levels through the machine alone. @returns how often alerts of each severity opened and closed */
const play = (measure: Measure, levels: readonly number[], thresholds: readonly Threshold[]) => {
  let standing: OpenAlert[] = []
  const told: Record<string, [number, number]> = {}
  levels.forEach((level, n) => {
    // Of an answer ratio less is worse: 80 % of the way to nothing is a ratio of 0.5 here, 100 % one of 0.3.
    const [value, whole] =
      measure === 'ANSWER_RATIO' ? [Math.round(1300 - level * 10), 1000] : [Math.round(level * 1000), 100_000]
    const measured = [
      { ban: 'B', trunkId: null, measure, value: `${value}`, whole: `${whole}`, currency: null },
    ]
    const { opening, closing } = movesOf(() => thresholds, measured, standing, new Date(n * 1000))
    for (const { id } of closing) told[standing.find((one) => one.id === id)!.severity]![1]++
    standing = standing.filter(({ id }) => !closing.some((one) => one.id === id))
    for (const alert of opening) {
      told[alert.severity] ??= [0, 0]
      told[alert.severity]![0]++
      standing.push({ ...alert, id: `${n} ${alert.severity}` })
    }
  })
  return told
}

const watching = (measure: Measure, change: Partial<Threshold> = {}): Threshold[] =>
  measure === 'ANSWER_RATIO'
    ? [
        { measure, severity: 'MEDIUM', bound: '0.5', slack: '0.05', minCalls: 20, isOn: true, ...change },
        { measure, severity: 'HIGH', bound: '0.3', slack: '0.05', minCalls: 20, isOn: true, ...change },
      ]
    : HUB_THRESHOLDS.filter((each) => each.measure === measure).map((each) => ({ ...each, ...change }))

it.each(['MINUTES', 'SPEND', 'CREDIT', 'CONCURRENCY', 'ANSWER_RATIO'] as const)(
  'opens and closes each alert of %s once for each real excursion, however its measure trembles at the bound',
  (measure) => {
    for (let seed = 1; seed <= 6; seed++) {
      const levels = trembling(seed, 0.5)
      expect(levels).toHaveLength(2_880)
      const told = play(measure, levels, watching(measure))
      expect(told).toEqual({
        MEDIUM: [EXCURSIONS.MEDIUM, EXCURSIONS.MEDIUM],
        HIGH: [EXCURSIONS.HIGH, EXCURSIONS.HIGH],
      })
      // The same without the stretch between opening and closing tells of each tremble.
      const [opened] = play(measure, levels, watching(measure, { slack: '0' })).MEDIUM!
      expect(opened).toBeGreaterThan(2 * EXCURSIONS.MEDIUM)
    }
  },
)

let bed: AlertsBed
beforeAll(async () => {
  bed = await alertsBed('2026-11-18T00:00:00Z')
})
afterAll(() => bed[Symbol.asyncDispose]())

it('keeps the alert of a trunk that is busy hour after hour, by its calls alone, until a whole hour has gone by without', async () => {
  const trunkId = bed.accounts[1]!.trunks[1]!
  const told = async () =>
    (await bed.told('alert.opened', 'alert.closed')).map(({ name, severity }) => `${name} ${severity}`)
  const look = async (minutes: number) => {
    bed.clock.advance(minutes * MINUTE_MS)
    await bed.tick()
  }
  const opened = ['alert.opened HIGH', 'alert.opened MEDIUM']
  for (let hour = 0; hour < 3; hour++) {
    await look(15)
    // Ten at once, of ten; then nothing until the next hour is a quarter old.
    await bed.calls(trunkId, 10, { seconds: 240 })
    await look(5)
    expect((await told()).sort()).toEqual(opened)
    await look(39)
    await look(1)
    expect(await told()).toHaveLength(2)
  }
  await look(59)
  expect(await told()).toHaveLength(2)
  await look(1)
  expect((await told()).slice(2).sort()).toEqual(['alert.closed HIGH', 'alert.closed MEDIUM'])
})

it('tells of a day’s counts of calls, with what was measured at each turn, once for each excursion', async () => {
  const before = (await bed.told('alert.opened', 'alert.closed')).length
  const trunks = bed.accounts.flatMap((account) => account.trunks)
  const EVERY = 10
  // Of a trunk with 10 calls a percent is a tenth of a call: they are given room.
  await bed.database.transaction('00000000-0000-4000-8000-000000000001', async (tx) => {
    await tx.updateTable('telephony.trunks').set({ concurrent_calls: 1000, allowed_calls: 1000 }).execute()
  })
  const days = trunks.map((_, n) => trembling(n + 1, EVERY))
  for (let n = 0; n < 1440 / EVERY; n++) {
    await bed.report(trunks.map((trunkId, t) => ({ trunkId, activeCalls: Math.round(days[t]![n]! * 10) })))
    bed.clock.advance(EVERY * MINUTE_MS)
  }
  const told = (await bed.told('alert.opened', 'alert.closed')).slice(before)
  for (const trunkId of trunks)
    for (const severity of ['MEDIUM', 'HIGH'] as const) {
      const mine = told.filter((one) => one.trunkId === trunkId && one.severity === severity)
      // One after the other, never two of a kind.
      expect(mine.map(({ name }) => name)).toEqual(
        Array.from({ length: EXCURSIONS[severity] }, () => ['alert.opened', 'alert.closed']).flat(),
      )
      const bound = severity === 'HIGH' ? 1000 : 800
      for (const one of mine) {
        expect(one).toMatchObject({ measure: 'CONCURRENCY', bound: `${bound}`, limit: '1000', period: 'now' })
        if (one.name === 'alert.opened') expect(Number(one.value)).toBeGreaterThanOrEqual(bound)
        else expect(Number(one.value)).toBeLessThanOrEqual(bound - 50)
      }
    }
  expect(told).toHaveLength(trunks.length * 2 * (EXCURSIONS.MEDIUM + EXCURSIONS.HIGH))
  expect(await bed.rows('select * from telephony.alerts where closed_at is null')).toEqual([])
})
