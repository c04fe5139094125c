/** What lies across the turn of a month: another time zone, another price, what was given back, who came and who left. */
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import { growMonths } from '#subgraphs/telephony/commands/count-growth.ts'
import { issueInvoices } from '#subgraphs/telephony/commands/issue-invoices.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import { PLAIN, type RatingBed, ratingBed } from './bed.ts'

const clock = new TestClock('2027-01-06T12:00:00Z')
let bed: RatingBed
let [a, b] = ['', '']
beforeAll(async () => {
  bed = await ratingBed(clock)
  ;[a, b] = bed.accounts.map(({ ban }) => ban) as [string, string]
})
afterAll(() => bed[Symbol.asyncDispose]())

const invoiceOf = async (ban: string, month: string) => {
  const { nodes } = await bed.ask(
    `query ($filter: InvoiceFilter) { invoices(filter: $filter) { nodes { lines { kind ofMonth quantity amount { amount } } } } }`,
    { filter: { ban, month } },
  )
  return nodes[0]
}

it('leaves a month as it was billed when the organisation moves to another time zone: an hour is paid for once, and days add up to it', async () => {
  const pooled = { ...PLAIN, includedMinutes: 10, includedClasses: ['LOCAL' as const] }
  await bed.setPlan(b, await bed.makePlan(pooled), '2027-01')
  const linesOf = async (month: string) =>
    (await invoiceOf(b, month)).lines
      .filter(({ kind }: { kind: string }) => kind !== 'FEE')
      .map(({ kind, ofMonth, quantity, amount }: Record<string, string> & { amount: { amount: string } }) => [
        ...[kind, ofMonth, quantity, amount.amount],
      ])
  clock.set('2027-02-01T12:00:00Z')
  await bed.use(1, '2027-01-15T12:00:00Z', { calls: [600] })
  // January has used its included minutes up. In Berlin this is its last hour, and the first one of February, whose minutes are included.
  await bed.use(1, '2027-01-31T22:30:00Z', { calls: [600] })
  await bed.use(1, '2027-01-31T23:30:00Z', { calls: [600] })
  clock.set('2027-02-03T23:15:00Z')
  await bed.closeDays()
  expect(await linesOf('2027-01')).toEqual([['MINUTES', '2027-01', '20', '0.1']])
  // In New York both are of the last day of January.
  await bed.inZone('America/New_York')
  await bed.told('telephony.usage.summarised')
  await bed.database.transaction(DEMO, async (tx) => {
    await sql`update telephony.nights set until = '2027-01-30' where task = 'USAGE'`.execute(tx)
  })
  clock.set('2027-02-04T05:15:00Z')
  await bed.closeDays()
  const told = (await bed.told('telephony.usage.summarised')).filter(
    ({ ban, day }) => ban === b && day >= '2027-01-31' && day <= '2027-02-01',
  )
  expect(told).toMatchObject([
    { day: '2027-01-31', calls: 2, minutes: '20.0000', spend: { amount: '0.1000' } },
    { day: '2027-02-01', calls: 0, spend: { amount: '0.0000' } },
  ])
  const { usage } = await bed.ask(
    `query ($ban: ID!) { billingAccount(ban: $ban) { usage(from: "2027-01-31T05:00:00Z", to: "2027-02-02T05:00:00Z") { calls spend { amount } } } }`,
    { ban: b },
  )
  expect(usage).toEqual([
    { calls: 2, spend: { amount: '0.1' } },
    { calls: 0, spend: { amount: '0' } },
  ])
  clock.set('2027-03-01T12:00:00Z')
  // Eleven in New York, one in the morning of March in Tokyo.
  await bed.use(1, '2027-02-28T16:00:00Z', { calls: [300] })
  clock.set('2027-03-04T05:15:00Z')
  await bed.closeDays()
  expect(await linesOf('2027-02')).toEqual([['MINUTES', '2027-02', '15', '0.05']])
  await bed.inZone('Asia/Tokyo')
  clock.set('2027-04-05T00:15:00Z')
  await bed.closeDays()
  expect(await linesOf('2027-03')).toEqual([])
  // What comes late is of the month that its hour was billed in, or should have been.
  await bed.use(1, '2027-01-31T23:45:00Z', { calls: [600] })
  clock.set('2027-05-05T00:15:00Z')
  await bed.closeDays()
  expect(await linesOf('2027-04')).toEqual([['LATE_USAGE', '2027-02', '1', '0.1']])
})

it('bills each number of a month once, at the price that it had in that month', async () => {
  const give = async (number: string, monthlyCost: string) =>
    (
      await bed.ask(
        `mutation ($ban: ID!, $input: PhoneNumberInput!) { createPhoneNumber(ban: $ban, input: $input) { ... on PhoneNumberCreated { phoneNumber { id } } } }`,
        { ban: a, input: { number, monthlyCost } },
      )
    ).phoneNumber.id as string
  const price = (id: string, monthlyCost: string) =>
    bed.ask(
      `mutation ($id: ID!, $changes: PhoneNumberChanges!) { changeNumber(id: $id, changes: $changes) { __typename } }`,
      { id, changes: { monthlyCost } },
    )
  const giveBack = (id: string) =>
    bed.ask(`mutation ($id: ID!) { releaseNumber(id: $id) { __typename } }`, { id })
  await bed.setPlan(a, await bed.makePlan(PLAIN), '2027-05')
  const held = [await give('+13035550101', '1.25'), await give('+13035550102', '1.25')]
  clock.set('2027-05-10T00:00:00Z')
  await price(held[1]!, '2')
  const once = await give('+13035550103', '3')
  clock.set('2027-05-11T00:00:00Z')
  await giveBack(once)
  clock.set('2027-05-12T00:00:00Z')
  const again = await give('+13035550103', '4')
  // June begins in Tokyo at 15:00.
  clock.set('2027-05-31T14:59:00Z')
  await price(held[0]!, '1.5')
  clock.set('2027-05-31T15:01:00Z')
  await price(held[0]!, '9')
  await giveBack(again)
  const numbersOf = async (month: string) =>
    (await invoiceOf(a, month)).lines.find(({ kind }: { kind: string }) => kind === 'NUMBERS')
  clock.set('2027-06-04T00:15:00Z')
  await bed.closeDays()
  // 1.5, 2 and 4.
  expect(await numbersOf('2027-05')).toMatchObject({ quantity: '3', amount: { amount: '7.5' } })
  clock.set('2027-07-05T00:15:00Z')
  await bed.closeDays()
  // 9, 2 and, given back in the first minute, 4.
  expect(await numbersOf('2027-06')).toMatchObject({ quantity: '3', amount: { amount: '15' } })
})

it('counts who came and who left by the day they did, though the hub slept through the turn of the month', async () => {
  const open = (ban: string) =>
    bed.ask(
      'mutation ($input: BillingAccountInput!) { createBillingAccount(input: $input) { __typename } }',
      {
        input: { ban, name: ban, mrr: '20' },
      },
    )
  const close = (ban: string) =>
    bed.ask('mutation ($ban: ID!) { closeBillingAccount(ban: $ban) { __typename } }', { ban })
  const planId = await bed.makePlan(PLAIN)
  await open('LEAVES-IN-AUGUST')
  await open('LEAVES-IN-SEPTEMBER')
  for (const ban of ['LEAVES-IN-AUGUST', 'LEAVES-IN-SEPTEMBER']) await bed.setPlan(ban, planId, '2027-07')
  clock.set('2027-08-05T00:15:00Z')
  await bed.closeDays()
  // September begins in Tokyo at 15:00.
  clock.set('2027-08-31T14:55:00Z')
  await close('LEAVES-IN-AUGUST')
  clock.set('2027-08-31T15:05:00Z')
  await close('LEAVES-IN-SEPTEMBER')
  await open('COMES-IN-SEPTEMBER')
  await bed.setPlan('COMES-IN-SEPTEMBER', planId, '2027-08')
  const of = (month: string) =>
    bed.ask(
      `query ($month: String!) { telephonyGrowth(from: $month, to: $month) {
        liveAtBegin opened closed liveAtEnd mrrChurned { amount } mrrNew { amount }
        mrrExpansion { amount } } }`,
      { month },
    )
  const payFor = async (month: string) => {
    const paid: string[] = []
    for (const ban of ['LEAVES-IN-AUGUST', 'LEAVES-IN-SEPTEMBER', 'COMES-IN-SEPTEMBER'])
      if (await invoiceOf(ban, month)) paid.push(ban)
    return paid
  }
  await bed.setPlan(b, await bed.makePlan({ ...PLAIN, monthlyFee: '30' }), '2027-09')
  clock.set('2027-09-04T00:15:00Z')
  // Nobody is billed, and nothing is added up, before it is known what each day of the month was paid.
  for (const deed of [issueInvoices, growMonths])
    expect(await bed.database.transaction(DEMO, (tx) => deed(tx, { orgId: DEMO, clock }))).toBe(false)
  await bed.closeDays()
  expect(await of('2027-08')).toMatchObject([
    { liveAtBegin: 4, opened: 0, closed: 1, liveAtEnd: 3, mrrChurned: { amount: '20' } },
  ])
  const { mrr, mrrHistory } = await bed.ask(
    'query ($ban: ID!) { billingAccount(ban: $ban) { mrr { amount } mrrHistory(months: 1) { day mrr { amount } } } }',
    { ban: b },
  )
  expect([mrr.amount, mrrHistory.at(-1)]).toEqual(['30', { day: '2027-09-01', mrr: { amount: '30' } }])
  expect(await payFor('2027-08')).toEqual(['LEAVES-IN-AUGUST', 'LEAVES-IN-SEPTEMBER'])
  clock.set('2027-10-05T00:15:00Z')
  await bed.closeDays()
  expect(await of('2027-09')).toMatchObject([
    {
      liveAtBegin: 3,
      opened: 1,
      closed: 1,
      liveAtEnd: 3,
      mrrNew: { amount: '20' },
      mrrExpansion: { amount: '10' },
    },
  ])
  expect(await payFor('2027-09')).toEqual(['LEAVES-IN-SEPTEMBER', 'COMES-IN-SEPTEMBER'])
})
