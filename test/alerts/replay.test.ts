import { afterAll, beforeAll, expect, it } from 'vitest'
import { movesOf, type OpenAlert } from '#subgraphs/telephony/domain/alerts.ts'
import { HUB_THRESHOLDS, type Measure, type Threshold } from '#subgraphs/telephony/domain/thresholds.ts'
import { type AlertsBed, alertsBed, MINUTE_MS } from './bed.ts'

/**
 * Percent of the limit at moments of a day: three times above 80, two of them above 100, and for hours just at either. Between the moments it
 * goes in straight lines.
 */
const DAY: readonly (readonly [number, number])[] = [
  ...([
    [0, 40],
    [120, 80],
    [240, 80],
    [330, 92],
    [420, 80],
    [480, 80],
    [600, 55],
  ] as const),
  ...([
    [690, 100],
    [780, 100],
    [840, 112],
    [900, 100],
    [960, 100],
    [1020, 60],
  ] as const),
  ...([
    [1110, 118],
    [1230, 100],
    [1290, 80],
    [1380, 50],
    [1440, 40],
  ] as const),
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
    for (let seed = 1; seed <= 3; seed++) {
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

const STEP_MINUTES = 20
const MEASURES = ['MINUTES', 'SPEND', 'CREDIT', 'CONCURRENCY', 'ANSWER_RATIO'] as const
const STEP = `mutation ($readings: [ActiveCallsInput!]!, $trunkId: ID!, $minutes: Int!, $ban: ID!, $spend: Decimal!, $credit: Decimal!) {
  reportActiveCalls(readings: $readings) { __typename }
  changeTrunk(id: $trunkId, changes: { monthlyMinutes: $minutes }) { __typename }
  setSpendLimit(ban: $ban, amount: $spend) { __typename }
  changeBillingAccount(ban: $ban, changes: { creditLimit: $credit }) { __typename } }`

it('plays a day through the doors, and tells of each measure once for each excursion, whatever comes twice, out of order and at once', async () => {
  const [used, watched] = bed.accounts as [AlertsBed['accounts'][0], AlertsBed['accounts'][0]]
  const [counted, called] = watched.trunks as [string, string]
  const setRatio = (severity: string, bound: string) =>
    bed.ask('mutation ($input: ThresholdInput!) { setThreshold(input: $input) { __typename } }', {
      input: { measure: 'ANSWER_RATIO', severity, bound },
    })
  bed.clock.set('2026-11-19T00:02:00Z')
  await bed.tick()
  const before = (await bed.told('alert.opened', 'alert.closed')).length
  await bed.ratedPlainly(used.ban)
  await bed.ask('mutation { setCreditPerCall(perCall: null) { __typename } }')
  await bed.ask(
    'mutation ($id: ID!) { changeTrunk(id: $id, changes: { concurrentCalls: 1000 }) { __typename } }',
    {
      id: counted,
    },
  )
  await setRatio('MEDIUM', '0.5')
  await setRatio('HIGH', '0.3')
  // What an account has used only grows: its level is set by what it may use. A minute costs a cent.
  let minutes = 0
  for (let day = 10; day < 18; day++, minutes += 1_200)
    await bed.calls(used.trunks[0]!, 1, { seconds: 72_000, at: new Date(`2026-11-${day}T02:00:00Z`) })
  const levels = MEASURES.map((_, n) => trembling(n + 1, STEP_MINUTES))
  let sent: object[] = []
  for (let n = 0; n < 1440 / STEP_MINUTES; n++) {
    const [minutesAt, spendAt, creditAt, callsAt, ratioAt] = levels.map((level) => level[n]!) as [
      number,
      number,
      number,
      number,
      number,
    ]
    const at = bed.clock.now().toISOString()
    const limited = (percent: number) => (minutes / percent).toFixed(4)
    const done = await bed.askAll(STEP, {
      ...{ readings: [{ trunkId: counted, activeCalls: Math.round(callsAt * 10), at }], ban: used.ban },
      ...{ trunkId: used.trunks[0]!, minutes: Math.round((100 * minutes) / minutesAt) - 1000 },
      ...{ spend: limited(spendAt), credit: limited(creditAt) },
    })
    expect(done.map(({ __typename }) => __typename)).toEqual([
      'ActiveCallsReported',
      'TrunkChanged',
      'SpendLimitSet',
      'BillingAccountChanged',
    ])
    const calls = Array.from({ length: 100 }, (_, call) => ({
      ...{ id: `day-${n}-${call}`, trunkId: called, kind: 'CALL', startedAt: at },
      answered: call < Math.round(130 - ratioAt),
    }))
    const talk = { id: `day-${n}`, trunkId: used.trunks[0], kind: 'CALL', startedAt: at, seconds: 600 }
    const { body } = await bed.post([talk, ...calls, ...sent].reverse())
    expect(body).toMatchObject({ accepted: calls.length + 1, known: sent.length })
    minutes += 10
    sent = calls
    await Promise.all([bed.judge(), bed.tick(), bed.tick()])
    bed.clock.advance(STEP_MINUTES * MINUTE_MS)
  }
  const told = (await bed.told('alert.opened', 'alert.closed')).slice(before)
  for (const measure of MEASURES)
    for (const [severity, percent, ratio] of [
      ['MEDIUM', 80, 0.5],
      ['HIGH', 100, 0.3],
    ] as const) {
      const mine = told.filter((one) => one.measure === measure && one.severity === severity)
      // One after the other, never two of a kind.
      expect([measure, ...mine.map(({ name }) => name)]).toEqual([
        measure,
        ...Array.from({ length: EXCURSIONS[severity] }, () => ['alert.opened', 'alert.closed']).flat(),
      ])
      for (const { name, value, bound, limit, ...one } of mine)
        if (measure === 'ANSWER_RATIO') {
          expect(one.trunkId).toBe(called)
          if (name === 'alert.opened') expect(Number(value)).toBeLessThan(ratio)
          else expect(Number(value)).toBeGreaterThanOrEqual(ratio + 0.05)
        } else {
          expect(one.trunkId).toBe(measure === 'CONCURRENCY' ? counted : null)
          expect(Number(bound)).toBeCloseTo((Number(limit) * percent) / 100, 3)
          if (name === 'alert.opened') expect(Number(value)).toBeGreaterThanOrEqual(Number(bound))
          // What others may use is another limit by now.
          else if (measure === 'CONCURRENCY') expect(Number(value)).toBeLessThanOrEqual(Number(bound) - 50)
        }
    }
  expect(told).toHaveLength(2 * MEASURES.length * (EXCURSIONS.MEDIUM + EXCURSIONS.HIGH))
  expect(await bed.rows('select * from telephony.alerts where closed_at is null')).toEqual([])
})
