import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import { countGrowth, growthMonths } from '#subgraphs/telephony/store/growth.ts'
import { DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { type RatingBed, ratingBed } from './bed.ts'
import { chanceOf } from './made-up.ts'

const clock = new TestClock('2026-09-20T12:00:00Z')
let bed: RatingBed
beforeAll(async () => {
  bed = await ratingBed(clock)
})
afterAll(() => bed[Symbol.asyncDispose]())

const GROWTH = `query ($from: String!, $to: String!) { telephonyGrowth(from: $from, to: $to) {
  month currency liveAtBegin opened closed liveAtEnd logoChurn mrrBegin { amount } mrrNew { amount } mrrExpansion { amount }
  mrrContraction { amount } mrrChurned { amount } mrrEnd { amount currency } grossRetention netRetention minutes minutesGrowth } }`
const open = (ban: string, mrr: string, more: object = {}) =>
  bed.ask(`mutation ($input: BillingAccountInput!) { createBillingAccount(input: $input) { __typename } }`, {
    input: { ban, name: ban, mrr, ...more },
  })
const pays = (ban: string, mrr: string) =>
  bed.ask(
    `mutation ($ban: ID!, $mrr: Decimal) { changeBillingAccount(ban: $ban, changes: { mrr: $mrr }) { __typename } }`,
    { ban, mrr },
  )
const leaves = (ban: string) =>
  bed.ask('mutation ($ban: ID!) { closeBillingAccount(ban: $ban) { __typename } }', { ban })

it('says of a month who came, grew, shrank and left, three days after it ended, once', async () => {
  for (const [ban, mrr] of [
    ['STAYS', '100'],
    ['GROWS', '100'],
    ['SHRINKS', '100'],
    ['LEAVES', '100'],
  ] as const)
    await open(ban, mrr)
  await open('EURO', '70', { currency: 'EUR' })
  await bed.use(0, '2026-09-20T10:00:00Z', { calls: [600] })
  clock.set('2026-09-30T23:15:00Z')
  await bed.closeDays()
  clock.set('2026-10-15T12:00:00Z')
  await open('COMES', '40')
  await open('PASSES', '500')
  await leaves('PASSES')
  await pays('GROWS', '150.5')
  await pays('SHRINKS', '80')
  await leaves('LEAVES')
  await bed.use(0, '2026-10-15T10:00:00Z', { calls: [900] })
  await bed.closeDays()
  clock.set('2026-10-15T23:15:00Z')
  await bed.closeDays()
  // What happens in November is none of October.
  clock.set('2026-11-02T12:00:00Z')
  await leaves('STAYS')
  clock.set('2026-11-03T22:45:00Z')
  await bed.closeDays()
  expect(await bed.ask(GROWTH, { from: '2026-10', to: '2026-10' })).toEqual([])
  clock.set('2026-11-03T23:15:00Z')
  await Promise.all([bed.closeDays(), bed.closeDays()])
  const [euro, dollar] = await bed.ask(GROWTH, { from: '2026-10', to: '2026-12' })
  expect(dollar).toEqual({
    ...{
      month: '2026-10',
      currency: 'USD',
      liveAtBegin: 6,
      opened: 1,
      closed: 1,
      liveAtEnd: 6,
      logoChurn: 1 / 6,
    },
    ...{ mrrBegin: { amount: '400' }, mrrNew: { amount: '40' }, mrrExpansion: { amount: '50.5' } },
    ...{ mrrContraction: { amount: '20' }, mrrChurned: { amount: '100' } },
    mrrEnd: { amount: '370.5', currency: 'USD' },
    ...{ grossRetention: 280 / 400, netRetention: 330.5 / 400, minutes: '15', minutesGrowth: 0.5 },
  })
  expect(euro).toMatchObject({
    ...{
      currency: 'EUR',
      liveAtBegin: 1,
      opened: 0,
      closed: 0,
      logoChurn: 0,
      grossRetention: 1,
      minutes: '0',
    },
    ...{ mrrEnd: { amount: '70' }, minutesGrowth: null },
  })
  expect(await bed.ask(GROWTH, { from: '2026-10', to: '2026-12' }, principal(EMPTY))).toEqual([])
})

it('ends each month with what it began with and its four movements, whatever accounts do', async () => {
  const chance = chanceOf(31)
  await bed.database.transaction(DEMO, async (tx) => {
    await sql`delete from telephony.mrr_days`.execute(tx)
    const rows = Array.from({ length: 60 }, (_, n) => `R-${n}`).flatMap((ban) =>
      Array.from({ length: chance.whole(1, 12) }, () => ({
        ...{ ban, status: chance.chance() < 0.3 ? 'CHURNED' : 'ACTIVE', mrr: `${chance.whole(0, 900)}.25` },
        day: `2025-${String(chance.whole(1, 12)).padStart(2, '0')}-${String(chance.whole(1, 28)).padStart(2, '0')}`,
      })),
    )
    await sql`insert into telephony.mrr_days (org_id, ban, day, status, mrr, currency)
      select ${DEMO}::uuid, ban, day, status, mrr, 'USD' from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as r(ban text, day date, status text, mrr numeric) on conflict do nothing`.execute(tx)
    for (let month = 1; month <= 12; month++)
      await countGrowth(tx, DEMO, `2025-${String(month).padStart(2, '0')}`)
    const months = await growthMonths(tx, DEMO, { from: '2025-01', to: '2025-12' })
    expect(months).toHaveLength(12)
  })
  const months = await bed.ask(GROWTH, { from: '2025-01', to: '2025-12' })
  for (const [n, month] of months.entries()) {
    // By day: what every account paid last.
    const [stood] = await bed.rows(`
      select coalesce(sum(mrr) filter (where status <> 'CHURNED'), 0)::float8 as mrr, count(*) filter (where status <> 'CHURNED')::integer as live
      from (select distinct on (ban) ban, mrr, status from telephony.mrr_days
        where day < '${month.month}-01'::date + interval '1 month' order by ban, day desc) d`)
    expect([month.month, Number(month.mrrEnd.amount), month.liveAtEnd]).toEqual([
      month.month,
      stood!.mrr,
      stood!.live,
    ])
    if (n > 0) expect(month.mrrBegin.amount).toBe(months[n - 1].mrrEnd.amount)
  }
})

it('refuses what is no month, an end before the beginning, and more than ten years', async () => {
  for (const span of [
    { from: '2026-13', to: '2026-12' },
    { from: '2026-02', to: '2026-01' },
    { from: '2010-01', to: '2026-01' },
  ])
    await expect(bed.ask(GROWTH, span)).rejects.toThrow('BAD_INPUT')
})
