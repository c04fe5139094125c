import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { closeAllDays } from '#subgraphs/telephony/jobs/close-days.ts'
import { setTimeZone } from '#subgraphs/telephony/store/usage.ts'
import { silentLog } from '#test/kit/log.ts'
import { DEMO } from '#test/kit/subgraph.ts'
import { type AlertsBed, alertsBed, MINUTE_MS } from './bed.ts'

let bed: AlertsBed
let ban: string
beforeAll(async () => {
  bed = await alertsBed()
  ban = bed.accounts[0]!.ban
  await bed.ratedPlainly(ban)
})
afterAll(() => bed[Symbol.asyncDispose]())

const standing = async () =>
  (
    await bed.rows(
      `select measure, severity, value::float8 as value from telephony.alerts
       where closed_at is null and measure in ('SPEND', 'CREDIT') order by id`,
    )
  ).map(({ measure, severity, value }) => `${measure} ${severity} ${value}`)
/** A minute costs a cent. */
const spend = async (minutes: number) => {
  for (let left = minutes; left > 0; left -= 1_000)
    await bed.calls(bed.accounts[0]!.trunks[0]!, 1, { seconds: Math.min(left, 1_000) * 60 })
  await bed.judge()
}
const look = async () => {
  bed.clock.advance(5 * MINUTE_MS)
  await bed.tick()
}

it('tells of money spent by the rate plan, of what the account wants to spend, to the cent', async () => {
  await bed.ask(`mutation ($ban: ID!) { setSpendLimit(ban: $ban, amount: "50") { __typename } }`, { ban })
  await spend(3_999)
  expect(await standing()).toEqual([])
  await spend(1)
  expect(await standing()).toEqual(['SPEND MEDIUM 40'])
  expect((await bed.told('alert.opened')).find(({ measure }) => measure === 'SPEND')).toMatchObject({
    ...{ ban, value: '40', bound: '40', limit: '50', percent: 80, currency: 'USD', period: 'month_to_date' },
  })
  await bed.ask(`mutation ($ban: ID!) { setSpendLimit(ban: $ban, amount: null) { __typename } }`, { ban })
  expect(await standing()).toEqual([])
})

it('tells of credit by what is spent and what is billed and not paid together, and no more once that is paid', async () => {
  const change = (
    run: (tx: Parameters<Parameters<typeof bed.database.transaction>[1]>[0]) => Promise<unknown>,
  ) => bed.database.transaction(DEMO, run)
  await change((tx) =>
    tx
      .updateTable('telephony.billing_accounts')
      .set({ credit_limit: '100', has_credit_limit: true })
      .where('ban', '=', ban)
      .execute(),
  )
  await look()
  expect(await standing()).toEqual([])
  const at = bed.clock.now()
  const id = '0197c8a4-3f00-8a11-9c00-0000000e0f01'
  await change((tx) =>
    tx
      .insertInto('telephony.invoices')
      .values({
        ...{ org_id: DEMO, id, ban, month: '2026-10-01', number: 'INV-1', currency: 'USD', total: '60.0000' },
        ...{ status: 'OVERDUE', issued_at: at, due_on: '2026-11-10', updated_at: at },
      })
      .execute(),
  )
  await spend(1)
  expect(await standing()).toEqual(['CREDIT MEDIUM 100.01', 'CREDIT HIGH 100.01'])
  await change((tx) =>
    tx
      .updateTable('telephony.invoices')
      .set({ status: 'PAID', paid_on: '2026-11-18' })
      .where('id', '=', id)
      .execute(),
  )
  await look()
  expect(await standing()).toEqual([])
})

it('tells with every five minutes what was spent in the month', async () => {
  await spend(1)
  await look()
  expect((await bed.told('usage.ticked')).at(-1)).toMatchObject({
    ban,
    monthToDate: { spend: { amount: '40.0200', currency: 'USD' } },
  })
})

it('counts what was spent in a month that has ended as owed until its invoice is there, and from then on what the invoice says', async () => {
  const tick = (at: string) => {
    bed.clock.set(at)
    return bed.tick()
  }
  await bed.database.transaction(DEMO, async (tx) => {
    await setTimeZone(tx, DEMO, 'UTC')
    await sql`update telephony.billing_accounts set credit_limit = 50 where ban = ${ban}`.execute(tx)
  })
  await look()
  const owed = ['CREDIT MEDIUM 40.02']
  expect(await standing()).toEqual(owed)
  for (const at of ['2026-12-01T00:00:00Z', '2026-12-03T23:55:00Z']) {
    await tick(at)
    expect(await standing()).toEqual(owed)
  }
  bed.clock.set('2026-12-04T00:15:00Z')
  await closeAllDays({ ...bed, log: silentLog, published: () => {} })
  await tick('2026-12-04T01:00:00Z')
  // With the fee of 20; what it bills is owed once.
  expect(await standing()).toEqual([...owed, 'CREDIT HIGH 60.02'])
  // Also while other accounts' invoices of the month are still to come.
  await bed.database.transaction(DEMO, async (tx) => {
    await sql`update telephony.nights set until = '2026-10-31', after_ban = ${ban} where task = 'INVOICES'`.execute(
      tx,
    )
    await sql`update telephony.billing_accounts set credit_limit = 70 where ban = ${ban}`.execute(tx)
  })
  await tick('2026-12-04T01:05:00Z')
  expect(await standing()).toEqual(owed)
})
