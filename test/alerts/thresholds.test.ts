import { afterAll, beforeAll, expect, it } from 'vitest'
import { takeOrganisations } from '#subgraphs/telephony/commands/take-organisations.ts'
import { standingOf } from '#subgraphs/telephony/domain/alerts.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { type AlertsBed, alertsBed, HOUR_MS, MINUTE_MS } from './bed.ts'

let bed: AlertsBed
let ban: string
let trunkId: string
beforeAll(async () => {
  bed = await alertsBed('2026-11-30T20:10:00Z')
  ban = bed.accounts[0]!.ban
  trunkId = bed.accounts[0]!.trunks[0]!
})
afterAll(() => bed[Symbol.asyncDispose]())

const SET = `mutation ($input: ThresholdInput!) { setThreshold(input: $input) { __typename
  ... on ThresholdSet { threshold { bound slack minCalls isOn origin } } ... on Invalid { field message } ... on Missing { code } } }`
const set = (input: object, caller = principal()) => bed.ask(SET, { input }, caller)
const reset = (place: object, caller = principal()) =>
  bed.ask(
    `mutation ($ban: ID, $measure: TelephonyMeasure!, $severity: AlertSeverity!) {
      resetThreshold(ban: $ban, measure: $measure, severity: $severity) {
        __typename ... on ThresholdReset { threshold { bound isOn origin } } ... on Missing { code } } }`,
    place as Record<string, unknown>,
    caller,
  )
const counting = async (of: string, measure: string) =>
  (
    await bed.ask(
      'query ($ban: ID!) { billingAccount(ban: $ban) { thresholds { measure severity bound origin isOn } } }',
      {
        ban: of,
      },
    )
  ).thresholds
    .filter((each: { measure: string }) => each.measure === measure)
    .map(
      (each: Record<string, unknown>) =>
        `${each.severity} ${each.bound} ${each.origin}${each.isOn ? '' : ' off'}`,
    )
const standing = async (of = ban) =>
  (
    await bed.rows(
      `select measure, severity from telephony.alerts where ban = '${of}' and closed_at is null order by id`,
    )
  ).map(({ measure, severity }) => `${measure} ${severity}`)
const talk = async (minutes: number) => {
  // No call lasts longer than a day.
  for (let left = minutes; left > 0; left -= 600)
    await bed.calls(trunkId, 1, { seconds: Math.min(left, 600) * 60 })
  await bed.judge()
}

it('compares exactly: at the bound it opens, a millionth before it does not, and so it closes', () => {
  const percent = { bound: '80', slack: '5', minCalls: null }
  const at = (value: string) => standingOf(percent, { measure: 'SPEND', value, whole: '0.3' })
  expect([at('0.239999'), at('0.24'), at('0.225001'), at('0.225'), at('0')]).toEqual([
    'BETWEEN',
    'OUT',
    'BETWEEN',
    'BACK',
    'BACK',
  ])
  const ratio = { bound: '0.5', slack: '0.05', minCalls: 20 }
  const of = (answered: number, tried: number) =>
    standingOf(ratio, { measure: 'ANSWER_RATIO', value: `${answered}`, whole: `${tried}` })
  expect([of(0, 19), of(10, 20), of(9, 20), of(11, 20), of(10, 19), of(0, 0)]).toEqual([
    'BETWEEN',
    'BETWEEN',
    'OUT',
    'BACK',
    'BETWEEN',
    'NOTHING',
  ])
})

it('has thresholds for every account, of which the organisation’s and the account’s own take the place', async () => {
  const other = bed.accounts[1]!.ban
  expect(await counting(ban, 'MINUTES')).toEqual(['MEDIUM 80 HUB', 'HIGH 100 HUB'])
  expect(await counting(ban, 'ANSWER_RATIO')).toEqual(['HIGH 0.5 HUB'])
  expect(await set({ measure: 'MINUTES', severity: 'MEDIUM', bound: '70' })).toMatchObject({
    threshold: { bound: '70', slack: '5', minCalls: null, isOn: true, origin: 'ORGANISATION' },
  })
  expect(
    await set({ ban, measure: 'MINUTES', severity: 'CRITICAL', bound: '120', slack: '10' }),
  ).toMatchObject({
    threshold: { origin: 'ACCOUNT' },
  })
  expect(await set({ ban, measure: 'MINUTES', severity: 'MEDIUM', bound: '60', isOn: false })).toMatchObject({
    __typename: 'ThresholdSet',
  })
  expect(await counting(ban, 'MINUTES')).toEqual([
    'MEDIUM 60 ACCOUNT off',
    'HIGH 100 HUB',
    'CRITICAL 120 ACCOUNT',
  ])
  expect(await counting(other, 'MINUTES')).toEqual(['MEDIUM 70 ORGANISATION', 'HIGH 100 HUB'])
  expect(await reset({ ban, measure: 'MINUTES', severity: 'MEDIUM' })).toMatchObject({
    threshold: { bound: '70', origin: 'ORGANISATION' },
  })
  expect(await reset({ ban, measure: 'MINUTES', severity: 'CRITICAL' })).toMatchObject({ threshold: null })
  expect(await reset({ measure: 'MINUTES', severity: 'MEDIUM' })).toMatchObject({
    threshold: { bound: '80', origin: 'HUB' },
  })
  expect(await reset({ measure: 'MINUTES', severity: 'MEDIUM' })).toMatchObject({ code: 'NOT_FOUND' })
  const audited = await bed.rows(
    `select action from service.audit_log where action in ('setThreshold', 'resetThreshold') order by id`,
  )
  expect(audited).toHaveLength(6)
})

it('refuses a threshold that cannot be kept, and says which part', async () => {
  const minutes = { ban, measure: 'MINUTES', severity: 'LOW' }
  const ratio = { ban, measure: 'ANSWER_RATIO', severity: 'LOW' }
  const wrong: [object, string][] = [
    [{ ...minutes, bound: '0' }, 'bound'],
    [{ ...minutes, bound: '80.5' }, 'bound'],
    [{ ...minutes, bound: '1001' }, 'bound'],
    [{ ...minutes, bound: '80', slack: '80' }, 'slack'],
    [{ ...minutes, bound: '80', minCalls: 5 }, 'minCalls'],
    [{ ...ratio, bound: '1.1' }, 'bound'],
    [{ ...ratio, bound: '0.97' }, 'slack'],
    [{ ...ratio, bound: '0.5', minCalls: 0 }, 'minCalls'],
  ]
  for (const [input, field] of wrong) expect(await set(input)).toMatchObject({ __typename: 'Invalid', field })
  expect(await set({ ...minutes, ban: 'NOBODY-1', bound: '80' })).toMatchObject({ code: 'NOT_FOUND' })
  expect(await set({ ...minutes, bound: '80' }, principal(EMPTY))).toMatchObject({ code: 'NOT_FOUND' })
})

it('tells of minutes at 80 and at 100 percent of what is ordered, each once, and again only after they were well below', async () => {
  await talk(1_599)
  expect(await standing()).toEqual([])
  await talk(1)
  await talk(1)
  expect(await standing()).toEqual(['MINUTES MEDIUM'])
  await talk(500)
  expect(await standing()).toEqual(['MINUTES MEDIUM', 'MINUTES HIGH'])
  const told = await bed.told('alert.opened')
  expect(told).toHaveLength(2)
  expect(told[0]).toMatchObject({
    ...{
      ban,
      trunkId: null,
      measure: 'MINUTES',
      severity: 'MEDIUM',
      value: '1600',
      bound: '1600',
      limit: '2000',
      percent: 80,
    },
    ...{ currency: null, period: 'month_to_date', closedAt: null, openedAt: '2026-11-30T20:10:00.000Z' },
    dueAt: '2026-12-01T04:10:00.000Z',
  })
})

it('opens and closes at once where a threshold is set, and by what the hub has where it is taken back', async () => {
  await set({ ban, measure: 'MINUTES', severity: 'HIGH', bound: '200' })
  expect(await standing()).toEqual(['MINUTES MEDIUM'])
  await reset({ ban, measure: 'MINUTES', severity: 'HIGH' })
  expect(await standing()).toEqual(['MINUTES MEDIUM', 'MINUTES HIGH'])
  await set({ ban, measure: 'MINUTES', severity: 'HIGH', bound: '100', isOn: false })
  expect(await standing()).toEqual(['MINUTES MEDIUM'])
  await reset({ ban, measure: 'MINUTES', severity: 'HIGH' })
})

it('closes what a month has opened when the organisation’s next one begins, once', async () => {
  await bed.database.transaction(DEMO, (tx) =>
    takeOrganisations(tx, DEMO, [
      {
        ...{ pos: 1, orgId: DEMO, key: DEMO, name: 'hub.organisation.changed', version: 1 },
        ...{
          payload: { organisationId: DEMO, slug: 'demo', timeZone: 'Europe/Berlin' },
          occurredAt: bed.clock.now(),
        },
      },
    ]),
  )
  const closed = async () =>
    (await bed.told('alert.closed')).filter(({ measure }) => measure === 'MINUTES').length
  const before = await closed()
  bed.clock.set('2026-11-30T22:59:00Z')
  await bed.tick()
  expect(await standing()).toEqual(['MINUTES MEDIUM', 'MINUTES HIGH'])
  bed.clock.set('2026-11-30T23:00:30Z')
  await Promise.all([bed.tick(), bed.tick()])
  expect(await standing()).toEqual([])
  expect(await closed()).toBe(before + 2)
  bed.clock.advance(5 * MINUTE_MS)
  await bed.tick()
  expect(await closed()).toBe(before + 2)
})

it('finds within the hour what was changed for all, without anybody calling', async () => {
  const other = bed.accounts[1]!
  await bed.calls(other.trunks[0]!, 1, { seconds: 12_000 })
  bed.clock.advance(5 * MINUTE_MS)
  await bed.tick()
  await set({ measure: 'MINUTES', severity: 'LOW', bound: '10' })
  bed.clock.advance(5 * MINUTE_MS)
  await bed.tick()
  expect(await standing(other.ban)).toEqual([])
  bed.clock.advance(HOUR_MS)
  await bed.tick()
  expect(await standing(other.ban)).toEqual(['MINUTES LOW'])
  await reset({ measure: 'MINUTES', severity: 'LOW' })
  bed.clock.advance(5 * MINUTE_MS)
  await bed.tick()
  expect(await standing(other.ban)).toEqual([])
})

it('knows what an account wants to spend, in its own currency, and refuses what is no amount', async () => {
  const limit = (amount: string | null, of = ban, caller = principal()) =>
    bed.ask(
      `mutation ($ban: ID!, $amount: Decimal) { setSpendLimit(ban: $ban, amount: $amount) { __typename
        ... on SpendLimitSet { account { spendLimit { amount currency } } } ... on Invalid { field } ... on Missing { code } } }`,
      { ban: of, amount },
      caller,
    )
  expect(await limit('250.5000')).toMatchObject({
    account: { spendLimit: { amount: '250.5', currency: 'USD' } },
  })
  expect(await limit(null)).toMatchObject({ account: { spendLimit: null } })
  for (const wrong of ['0', '-1', '0.00001', '1e15'])
    expect(await limit(wrong)).toEqual({ __typename: 'Invalid', field: 'amount' })
  expect(await limit('5', 'NOBODY-1')).toMatchObject({ code: 'NOT_FOUND' })
  expect(await limit('5', ban, principal(EMPTY))).toMatchObject({ code: 'NOT_FOUND' })
})
