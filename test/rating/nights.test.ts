import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import { PLAIN, type RatingBed, ratingBed } from './bed.ts'

const clock = new TestClock('2026-11-17T12:00:00Z')
const HOUR_MS = 3_600_000
const SUMMARISED = 'telephony.usage.summarised'
let bed: RatingBed
let [a, b] = ['', '']
beforeAll(async () => {
  bed = await ratingBed(clock)
  ;[a, b] = bed.accounts.map(({ ban }) => ban) as [string, string]
  await bed.setPlan(a, await bed.makePlan(PLAIN), '2026-11')
})
afterAll(() => bed[Symbol.asyncDispose]())

type Told = { ban: string; day: string; calls: number; messages: number }
const days = (told: Pick<Told, 'ban' | 'day'>[]) => told.map(({ ban, day }) => [day, ban]).sort()
/** Days on which something was used, as they were told. */
const toldUse = async () =>
  (await bed.told(SUMMARISED)).filter(({ calls, messages }: Told) => calls + messages > 0)

it('tells what an account used on a day once the organisation’s day is over, with the month until then', async () => {
  await bed.use(0, '2026-11-10T10:00:00Z', { calls: [600] })
  await bed.use(0, '2026-11-17T10:00:00Z', { calls: [90, 30, 0], messages: 5 })
  await bed.use(1, '2026-11-17T10:00:00Z', { calls: [60] })
  // A quarter to midnight in Berlin.
  clock.set('2026-11-17T22:45:00Z')
  await bed.closeDays()
  expect(await toldUse()).toEqual([])
  clock.set('2026-11-17T23:15:00Z')
  await bed.closeDays()
  const told = await toldUse()
  expect(days(told)).toEqual(
    [
      ['2026-11-17', a],
      ['2026-11-17', b],
    ].sort(),
  )
  expect(told.find(({ ban }) => ban === a)).toEqual({
    ...{ ban: a, day: '2026-11-17', calls: 3, completedCalls: 3, minutes: '2.0000', messages: 5 },
    // Two minutes at 0.01 and five messages at 0.002.
    spend: { amount: '0.0300', currency: 'USD' },
    ...{ asr: 1, acd: 40, observedAt: '2026-11-17T23:15:00.000Z' },
    monthToDate: { minutes: '12.0000', spend: { amount: '0.1300', currency: 'USD' } },
  })
  // Without a rate plan there is no spend.
  expect(told.find(({ ban }) => ban === b)).toMatchObject({ spend: null, monthToDate: { spend: null } })
})

it('fault 10 (telephony): two schedulers at once tell each account’s day once', async () => {
  clock.set('2026-11-18T12:00:00Z')
  await bed.use(0, '2026-11-18T10:00:00Z', { calls: [60] })
  await bed.use(1, '2026-11-18T10:00:00Z', { calls: [60] })
  clock.set('2026-11-18T23:15:00Z')
  await bed.twoAtOnce()(bed.closeDays)
  expect(days(await bed.told(SUMMARISED))).toEqual(
    [
      ['2026-11-18', a],
      ['2026-11-18', b],
    ].sort(),
  )
})

it('fault 12 (telephony): a clock that jumps back an hour, over midnight, has nothing told twice', async () => {
  clock.advance(-HOUR_MS)
  // What comes late meanwhile is for the next night.
  await bed.use(1, '2026-11-17T10:00:00Z', { calls: [60] })
  await bed.closeDays()
  clock.advance(HOUR_MS)
  await bed.closeDays()
  expect(await bed.told(SUMMARISED)).toEqual([])
  expect((await bed.rows(`select until from telephony.nights where task = 'USAGE'`))[0]).toEqual({
    until: '2026-11-18',
  })
})

it('tells a day anew, once a night, when records have come late, however many; after three days no more', async () => {
  clock.set('2026-11-19T12:00:00Z')
  for (let n = 0; n < 3; n++) await bed.use(0, '2026-11-18T10:00:00Z', { calls: [60] })
  await bed.use(0, '2026-11-11T10:00:00Z', { calls: [60] })
  await bed.closeDays()
  expect(await bed.told(SUMMARISED)).toEqual([])
  clock.set('2026-11-19T23:15:00Z')
  await bed.closeDays()
  const told = await toldUse()
  // The eleventh counts in the month, though of that day itself nobody is told any more.
  expect(told).toMatchObject([
    { ban: b, day: '2026-11-17', calls: 2 },
    { ban: a, day: '2026-11-18', calls: 4, spend: { amount: '0.0400' }, monthToDate: { minutes: '17.0000' } },
  ])
})

it('tells of records that came nearly three days late, though their day is further away once the night comes', async () => {
  clock.set('2026-11-20T19:00:00Z')
  await bed.use(0, '2026-11-17T20:00:00Z', { calls: [60] })
  clock.set('2026-11-20T23:15:00Z')
  await bed.closeDays()
  expect(await toldUse()).toMatchObject([{ ban: a, day: '2026-11-17', calls: 4 }])
})

it('makes up for nights it slept through, and begins each month at nothing', async () => {
  clock.set('2026-11-24T12:00:00Z')
  await bed.use(0, '2026-11-21T10:00:00Z', { calls: [60] })
  clock.set('2026-12-02T08:00:00Z')
  await bed.closeDays()
  const told = await bed.told(SUMMARISED)
  expect(days(told.filter(({ calls }) => calls > 0))).toEqual([['2026-11-21', a]])
  // Each day that is over, of both, and nothing twice.
  expect(days(told)).toEqual(
    Array.from({ length: 11 }, (_, n) => new Date(Date.UTC(2026, 10, 21 + n)).toISOString().slice(0, 10))
      .flatMap((day) => [
        [day, a],
        [day, b],
      ])
      .sort(),
  )
  expect(told.find(({ ban, day }) => ban === a && day === '2026-12-01')).toMatchObject({
    ...{ calls: 0, spend: { amount: '0.0000' }, asr: null, acd: null },
    monthToDate: { minutes: '0.0000', spend: { amount: '0.0000' } },
  })
})

it('works out what accounts pay a month each night: by the plan its fee and their numbers, and tells what is new', async () => {
  const account = async (ban: string) =>
    bed.ask(
      `query ($ban: ID!) { billingAccount(ban: $ban) { mrr { amount currency } mrrHistory { day status mrr { amount } } } }`,
      { ban },
    )
  expect(await account(a)).toMatchObject({
    mrr: { amount: '20' },
    // As it was opened: it had been on the plan since.
    mrrHistory: [{ day: '2026-11-17', status: 'ACTIVE', mrr: { amount: '20' } }],
  })
  const before = await bed.told('telephony.account.changed')
  expect(before.map(({ ban, mrr }) => [ban, Number(mrr.amount)]).at(-1)).toEqual([a, 20])
  const give = (number: string, monthlyCost: string) =>
    bed.ask(
      `mutation ($ban: ID!, $input: PhoneNumberInput!) { createPhoneNumber(ban: $ban, input: $input) {
        ... on PhoneNumberCreated { phoneNumber { id } } } }`,
      { ban: a, input: { number, monthlyCost } },
    )
  await give('+13035550123', '2.5')
  clock.set('2026-12-02T23:15:00Z')
  await bed.twoAtOnce()(bed.closeDays)
  // Given back on the day it was taken, it is not held when the day ends; nor is one that was taken after it.
  clock.set('2026-12-03T12:00:00Z')
  const { phoneNumber } = await give('+13035550124', '5')
  await bed.ask(`mutation ($id: ID!) { releaseNumber(id: $id) { __typename } }`, { id: phoneNumber.id })
  clock.set('2026-12-03T23:05:00Z')
  await give('+13035550125', '7')
  clock.set('2026-12-03T23:15:00Z')
  await bed.closeDays()
  const after = await bed.told('telephony.account.changed')
  expect(after.map(({ ban, mrr }) => [ban, Number(mrr.amount)])).toEqual([[a, 22.5]])
  expect(await account(a)).toMatchObject({
    mrr: { amount: '22.5' },
    mrrHistory: [{ day: '2026-11-17' }, { day: '2026-12-02', mrr: { amount: '22.5' } }],
  })
  clock.set('2026-12-04T23:15:00Z')
  await bed.closeDays()
  expect(await account(a)).toMatchObject({ mrr: { amount: '29.5' } })
  // What was stated of an account without a plan stays.
  expect(await account(b)).toMatchObject({ mrr: { amount: '0' } })
})

it('asks as many statements for many accounts as for few', async () => {
  const night = async (day: string, used: number[]) => {
    clock.set(`${day}T12:00:00Z`)
    for (const n of used) await bed.use(n, `${day}T10:00:00Z`, { calls: [60] })
    clock.set(`${day}T23:15:00Z`)
    const before = bed.database.statements
    await bed.closeDays()
    return bed.database.statements - before
  }
  const few = await night('2026-12-05', [0])
  const bans = Array.from({ length: 30 }, (_, n) => `MANY-${n}`)
  await bed.ask(
    `mutation ($accounts: [BillingAccountInput!]!) { importBillingAccounts(accounts: $accounts) { __typename } }`,
    {
      accounts: bans.map((ban, n) => ({
        ...{ ban, name: ban, mrr: '20' },
        trunks: [{ name: 'A', ipAddresses: [`203.0.113.${n}`], concurrentCalls: 1, monthlyMinutes: 1 }],
      })),
    },
  )
  for (const { ban, id } of await bed.rows(`select ban, id from telephony.trunks where ban like 'MANY-%'`))
    bed.accounts.push({ ban: ban as string, trunks: [id as string] })
  await bed.database.transaction(DEMO, async (tx) => {
    await sql`insert into telephony.account_rate_plans (org_id, ban, from_month, plan_id, version, set_at)
      select p.org_id, b.ban, '2026-12-01', p.plan_id, p.version, p.set_at
      from telephony.account_rate_plans p, unnest(${bans}::text[]) as b(ban) where p.ban = ${a}`.execute(tx)
  })
  await bed.told(SUMMARISED)
  expect(
    await night(
      '2026-12-06',
      bed.accounts.map((_, n) => n),
    ),
  ).toBe(few)
  expect(await toldUse()).toHaveLength(32)
  expect(await bed.rows(`select from telephony.mrr_days where ban like 'MANY-%'`)).toHaveLength(30)
})

it('tells each day of silence once, for eight weeks after the last that was used, and nothing of accounts that never used anything', async () => {
  await using other = await ratingBed(clock)
  const [c, d] = other.accounts.map(({ ban }) => ban) as [string, string]
  clock.set('2027-01-04T12:00:00Z')
  await other.use(0, '2027-01-04T10:00:00Z', { calls: [60] })
  const night = async (day: string) => {
    clock.set(`${day}T23:15:00Z`)
    await other.closeDays()
    return (await other.told(SUMMARISED)) as Told[]
  }
  expect(await night('2027-01-04')).toMatchObject([{ ban: c, day: '2027-01-04', calls: 1 }])
  expect(await night('2027-01-05')).toMatchObject([
    { ban: c, day: '2027-01-05', calls: 0, minutes: '0.0000', asr: null },
  ])
  // What comes late of a day that was told as silent is told anew, and then not again.
  await other.use(0, '2027-01-05T11:00:00Z', { calls: [30] })
  expect(days(await night('2027-01-06'))).toEqual([
    ['2027-01-05', c],
    ['2027-01-06', c],
  ])
  const rest = [await night('2027-02-04'), await night('2027-03-01'), await night('2027-03-05')].flat()
  expect(rest.map(({ day }) => day)).toEqual([...new Set(rest.map(({ day }) => day))])
  expect(
    rest
      .map(({ day }) => day)
      .sort()
      .at(-1),
  ).toBe('2027-03-02')
  expect(rest.filter(({ ban, calls }) => ban === d || calls > 0)).toEqual([])
  expect(rest).toHaveLength(55)
  expect(await night('2027-03-06')).toEqual([])
})
