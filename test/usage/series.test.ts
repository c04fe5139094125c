import { afterAll, beforeAll, expect, it } from 'vitest'
import { takeOrganisations } from '#subgraphs/telephony/commands/take-organisations.ts'
import { keptSince } from '#subgraphs/telephony/domain/usage.ts'
import { dropUsageDays } from '#subgraphs/telephony/store/usage.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import { DAY_MS, madeUp, type Sent, type UsageBed, usageBed, wrongSums } from './bed.ts'

// Two days around the night in which Berlin sets its clocks back, a while before the test's now.
const clock = { now: () => new Date('2026-11-20T12:00:00Z') }
let bed: UsageBed
let sent: Sent[]
beforeAll(async () => {
  bed = await usageBed({ clock })
  sent = madeUp(bed, 3_000, { days: 40 })
  await bed.post(sent)
  await inZone('Europe/Berlin')
})
afterAll(() => bed[Symbol.asyncDispose]())

const inZone = (timeZone: string) =>
  bed.database.transaction(DEMO, (tx) =>
    takeOrganisations(tx, DEMO, [
      {
        ...{ pos: 1, orgId: DEMO, key: DEMO, name: 'hub.organisation.changed', version: 1 },
        ...{ payload: { organisationId: DEMO, slug: 'demo', timeZone }, occurredAt: clock.now() },
      },
    ]),
  )

const POINTS = 'from calls completedCalls minutes messages answerRatio averageSeconds'
const ofAccount = (ban: string, span: object) =>
  bed.ask(
    `query ($ban: ID!, $from: DateTime!, $to: DateTime!, $grain: UsageGrain!) {
      billingAccount(ban: $ban) { usage(from: $from, to: $to, grain: $grain) { ${POINTS} } trunks { nodes { usage(from: $from, to: $to, grain: $grain) { ${POINTS} } } } } }`,
    { ban, ...span },
  )

const within = (from: string, to: string, trunks: readonly string[]) =>
  sent.filter(({ trunkId, startedAt }) => trunks.includes(trunkId) && startedAt >= from && startedAt < to)

it('answers days of the organisation, one after the other, with those on which nothing went', async () => {
  const { ban, trunks } = bed.accounts[0]!
  const { usage } = await ofAccount(ban, {
    from: '2026-10-24T10:00:00Z',
    to: '2026-10-27T10:00:00Z',
    grain: 'DAY',
  })
  // The day on which the clocks go back has twenty-five hours.
  const nights = [
    '2026-10-23T22:00:00.000Z',
    '2026-10-24T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
    '2026-10-26T23:00:00.000Z',
  ]
  expect(usage.map(({ from }: { from: string }) => new Date(from).toISOString())).toEqual(nights)
  const day = within(nights[1]!, nights[2]!, trunks)
  const calls = day.filter(({ kind }) => kind === 'CALL')
  const answered = calls.filter((call) => call.answered)
  const seconds = answered.reduce((sum, call) => sum + call.seconds!, 0)
  expect(usage[1]).toMatchObject({
    calls: calls.length,
    completedCalls: answered.length,
    minutes: seconds / 60,
    messages: day.length - calls.length,
    answerRatio: answered.length / calls.length,
    averageSeconds: seconds / answered.length,
  })
  const long = await ofAccount(ban, {
    from: '2026-08-20T00:00:00Z',
    to: '2026-08-22T00:00:00Z',
    grain: 'DAY',
  })
  expect(
    long.usage.every(
      (point: { calls: number; answerRatio: null }) => point.calls === 0 && point.answerRatio === null,
    ),
  ).toBe(true)
})

it.each([
  ['MINUTE', 60_000, '2026-11-18T10:07:30Z', '2026-11-18T22:00:00Z'],
  ['QUARTER_HOUR', 900_000, '2026-11-18T10:07:30Z', '2026-11-20T00:00:00Z'],
  ['HOUR', 3_600_000, '2026-11-18T10:07:30Z', '2026-11-20T00:30:00Z'],
])('answers by the %s without a gap, of a trunk as of its account', async (grain, stepMs, from, to) => {
  const { ban, trunks } = bed.accounts[1]!
  const { usage, trunks: each } = await ofAccount(ban, { from, to, grain })
  const began = usage.map((point: { from: string }) => Date.parse(point.from))
  expect(began[0]).toBe(Math.floor(Date.parse(from) / stepMs) * stepMs)
  expect(began.every((at: number, n: number) => n === 0 || at - began[n - 1]! === stepMs)).toBe(true)
  const sum = (points: { calls: number; messages: number }[]) =>
    points.reduce((all, { calls, messages }) => all + calls + messages, 0)
  const span = [
    new Date(began[0]!).toISOString(),
    new Date(Math.min(Date.parse(to), began.at(-1)! + stepMs)).toISOString(),
  ] as const
  if (grain === 'MINUTE') expect(sum(usage)).toBe(within(...span, trunks).length)
  expect(sum(usage)).toBeGreaterThan(0)
  expect(each.nodes.reduce((all: number, node: { usage: never[] }) => all + sum(node.usage), 0)).toBe(
    sum(usage),
  )
})

it('refuses more points than can be looked at, and an end before the beginning', async () => {
  const { ban } = bed.accounts[0]!
  const ask = (span: object) => ofAccount(ban, span)
  await expect(
    ask({ from: '2026-11-01T00:00:00Z', to: '2026-11-03T00:00:00Z', grain: 'MINUTE' }),
  ).rejects.toThrow('BAD_INPUT')
  await expect(
    ask({ from: '2026-11-03T00:00:00Z', to: '2026-11-03T00:00:00Z', grain: 'DAY' }),
  ).rejects.toThrow('BAD_INPUT')
})

it('asks once for the usage of many trunks', async () => {
  bed.statements.length = 0
  await ofAccount(bed.accounts[0]!.ban, {
    from: '2026-11-01T00:00:00Z',
    to: '2026-11-03T00:00:00Z',
    grain: 'HOUR',
  })
  expect(bed.statements.filter((text) => text.includes('usage_hours'))).toHaveLength(2)
})

it('adds days up anew when the organisation lives in another time zone', async () => {
  await inZone('Asia/Kathmandu')
  expect(await wrongSums(bed, 'Asia/Kathmandu')).toEqual([])
  await bed.post(madeUp(bed, 200, { prefix: 'after', days: 3 }))
  expect(await wrongSums(bed, 'Asia/Kathmandu')).toEqual([])
})

it('lets single records go that are too old, of all organisations at once, and keeps what they add up to', async () => {
  const total = async (table: string) =>
    Number((await bed.rows(`select sum(messages + calls) as n from telephony.${table}`))[0]!.n)
  const before = await total('usage_days')
  const later = new Date(clock.now().getTime() + 80 * DAY_MS)
  const gone = await bed.database.relay((tx) => dropUsageDays(tx as never, keptSince(later)))
  expect(gone).toBeGreaterThan(10)
  const left = Number((await bed.rows('select count(*) as n from telephony.usage_records'))[0]!.n)
  expect(left).toBeLessThan(before)
  expect(left).toBeGreaterThan(0)
  expect(await total('usage_days')).toBe(before)
  expect(await total('usage_quarters')).toBe(before)
  // An organisation cannot have the days of all be dropped.
  await expect(bed.database.transaction(DEMO, (tx) => dropUsageDays(tx, later))).rejects.toThrow()
})
