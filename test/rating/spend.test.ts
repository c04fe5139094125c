import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import type { ClassTotals } from '#subgraphs/telephony/domain/rating.ts'
import { byClass } from '#subgraphs/telephony/domain/spend.ts'
import type { UsageClass } from '#subgraphs/telephony/domain/usage.ts'
import { monthSpend } from '#subgraphs/telephony/store/spend.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { madeUp, type Sent } from '#test/usage/bed.ts'
import { flat, PLAIN, type RatingBed, ratingBed } from './bed.ts'
import { chanceOf, madeUpTerms, slowCost, tenThousandths } from './made-up.ts'

// Berlin's clocks went back in October.
const clock = new TestClock('2026-11-20T12:00:00Z')
let bed: RatingBed
let sent: Sent[]
beforeAll(async () => {
  bed = await ratingBed(clock)
  sent = madeUp(bed, 600, { days: 45 })
  await bed.post(sent)
})
afterAll(() => bed[Symbol.asyncDispose]())

const berlin = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Berlin', dateStyle: 'short' })
/** What records of an account add up to, counted here. */
const countedOf = (n: number, within: (day: string) => boolean): ClassTotals[] =>
  byClass(
    sent
      .filter(({ trunkId, startedAt }) => {
        const { trunks } = bed.accounts[n]!
        return trunks.includes(trunkId) && within(berlin.format(new Date(startedAt)))
      })
      .map((one) => ({
        class: one.class as UsageClass,
        seconds: one.seconds ?? 0,
        messages: one.kind === 'MESSAGE' ? 1 : 0,
      })),
  )

const spendOf = async (at: string) => {
  const bans = bed.accounts.map(({ ban }) => ban)
  return bed.database.read(DEMO, (tx) => monthSpend(tx, DEMO, bans, new Date(at)))
}

const DAYS = `query ($ban: ID!, $from: DateTime!, $to: DateTime!) {
  billingAccount(ban: $ban) { usage(from: $from, to: $to) { from spend { amount currency } } } }`

it('costs, from single records to rollups to a month, what a recount second by second gives, by whatever plan', async () => {
  const chance = chanceOf(21)
  for (let round = 0; round < 12; round++) {
    const terms = madeUpTerms(chance, 200)
    const planId = await bed.makePlan(terms)
    for (const { ban } of bed.accounts) await bed.setPlan(ban, planId, '2026-10')
    for (const [at, month] of [
      ['2026-10-31T22:59:59Z', '2026-10'],
      ['2026-10-31T23:00:00Z', '2026-11'],
    ] as const) {
      const spent = await spendOf(at)
      for (const [n, { ban }] of bed.accounts.entries()) {
        const totals = countedOf(n, (day) => day.startsWith(month))
        expect(spent.get(ban)).toMatchObject({
          month,
          seconds: totals.reduce((sum, { seconds }) => sum + seconds, 0),
          currency: 'USD',
        })
        expect(tenThousandths(spent.get(ban)!.spend!)).toBe(slowCost(terms, totals))
      }
    }
  }
})

it('shows what each day cost, so that the days of a month add up to the month', async () => {
  const { ban } = bed.accounts[0]!
  const terms = { ...madeUpTerms(chanceOf(22), 100), currency: 'USD' }
  await bed.setPlan(ban, await bed.makePlan(terms), '2026-10')
  const { usage } = await bed.ask(DAYS, { ban, from: '2026-10-10T12:00:00Z', to: '2026-11-20T12:00:00Z' })
  expect(usage).toHaveLength(42)
  for (const { from, spend } of usage) {
    const day = berlin.format(new Date(from))
    const until = (last: string) =>
      slowCost(
        terms,
        countedOf(0, (each) => each.startsWith(day.slice(0, 7)) && each <= last),
      )
    const before = day.endsWith('-01') ? 0n : until(berlin.format(new Date(Date.parse(from) - 7_200_000)))
    expect([day, tenThousandths(spend.amount)]).toEqual([day, until(day) - before])
  }
  const november = usage.filter(({ from }: { from: string }) => berlin.format(new Date(from)) >= '2026-11')
  const sum = november.reduce(
    (all: bigint, one: { spend: { amount: string } }) => all + tenThousandths(one.spend.amount),
    0n,
  )
  expect(sum).toBe(tenThousandths((await spendOf('2026-11-20T12:00:00Z')).get(ban)!.spend!))
})

it('answers the month until now: minutes to the second, messages, spend and what is left of the pool', async () => {
  const { ban } = bed.accounts[1]!
  const POOLED = {
    ...PLAIN,
    includedMinutes: 100_000,
    includedClasses: ['LOCAL' as const],
    minutePrices: flat('0.5'),
  }
  await bed.setPlan(ban, await bed.makePlan(POOLED), '2026-11')
  const month = `query ($ban: ID!) { billingAccount(ban: $ban) {
    ratePlan { fromMonth version terms { monthlyFee { amount currency } } plan { name } }
    monthToDate { month calls minutes messages spend { amount currency } includedMinutesLeft } } }`
  const { monthToDate, ratePlan } = await bed.ask(month, { ban })
  const totals = countedOf(1, (day) => day.startsWith('2026-11'))
  const local = totals.find((each) => each.class === 'LOCAL')!.seconds
  const all = totals.reduce((sum, { seconds }) => sum + seconds, 0)
  expect(ratePlan).toMatchObject({
    fromMonth: '2026-11',
    version: 1,
    terms: { monthlyFee: { amount: '20' } },
  })
  expect(monthToDate).toMatchObject({
    month: '2026-11',
    minutes: String(Number((all / 60).toFixed(4))),
    messages: totals.reduce((sum, { messages }) => sum + messages, 0),
    includedMinutesLeft: String(Number((100_000 - local / 60).toFixed(4))),
  })
  expect(tenThousandths(monthToDate.spend.amount)).toBe(slowCost(POOLED, totals))
  // The month before that the account was on another plan, and long before on none.
  const early = await bed.ask(DAYS, { ban, from: '2026-09-29T12:00:00Z', to: '2026-10-01T12:00:00Z' })
  expect(early.usage.map(({ spend }: { spend: object | null }) => spend !== null)).toEqual([
    false,
    false,
    true,
  ])
})

it('says no spend of hours, of a trunk by itself, or of accounts in different currencies, and shows nobody else’s', async () => {
  const { ban } = bed.accounts[0]!
  const span = { from: '2026-11-10T00:00:00Z', to: '2026-11-11T00:00:00Z' }
  const answer = await bed.ask(
    `query ($ban: ID!, $from: DateTime!, $to: DateTime!) { billingAccount(ban: $ban) {
      usage(from: $from, to: $to, grain: HOUR) { spend { amount } } trunks { nodes { usage(from: $from, to: $to) { spend { amount } } } } } }`,
    { ban, ...span },
  )
  const points = [
    ...answer.usage,
    ...answer.trunks.nodes.flatMap((trunk: { usage: object[] }) => trunk.usage),
  ]
  expect(points.length).toBeGreaterThan(24)
  expect(points.every(({ spend }) => spend === null)).toBe(true)
  // A customer with an account in dollars, one in euros, and one that has left.
  const open = async (input: object) =>
    (
      await bed.ask(
        `mutation ($input: BillingAccountInput!) { createBillingAccount(input: $input) { ... on BillingAccountCreated { account { ban } } } }`,
        { input: { name: 'Others', ...input } },
      )
    ).account.ban as string
  const euro = await open({ currency: 'EUR', mrr: '70.05' })
  const gone = await open({ mrr: '500', status: 'CHURNED' })
  await bed.setPlan(euro, await bed.makePlan({ ...PLAIN, currency: 'EUR' }), '2026-11')
  const together = async (bans: string[]) => {
    const [customer] = await bed.ask(
      `query ($of: [_Any!]!, $from: DateTime!, $to: DateTime!) { _entities(representations: $of) { ... on Customer {
        mrr { amount currency } usage(from: $from, to: $to) { spend { currency } } } } }`,
      { of: [{ __typename: 'Customer', id: 'c', bans }], ...span },
    )
    return customer
  }
  const both = await together([ban, euro, gone])
  expect(both.usage.every(({ spend }: { spend: unknown }) => spend === null)).toBe(true)
  expect(both.mrr).toEqual([
    { amount: '70.05', currency: 'EUR' },
    { amount: '0', currency: 'USD' },
  ])
  expect((await together([ban, gone])).usage[0].spend).toEqual({ currency: 'USD' })
  expect(await bed.ask(DAYS, { ban, ...span }, principal(EMPTY))).toBeNull()
  const strange = await bed.database.read(EMPTY, (tx) => monthSpend(tx, EMPTY, [ban], clock.now()))
  expect(strange.get(ban)).toMatchObject({ calls: 0, spend: null })
})

it('asks once for the spend of many accounts', async () => {
  const asked = async (count: number) => {
    bed.statements.length = 0
    const accounts = bed.accounts.slice(0, count).map(
      (
        { ban },
        n,
      ) => `a${n}: billingAccount(ban: "${ban}") { monthToDate { spend { amount } } ratePlan { plan { name } }
        mrrHistory { day } usage(from: "2026-10-01T00:00:00Z", to: "2026-11-20T00:00:00Z") { spend { amount } } }`,
    )
    await bed.ask(`{ ${accounts.join(' ')} }`)
    return bed.statements.filter((text) => text.includes('telephony.')).length
  }
  expect(await asked(2)).toBe(await asked(1))
})
