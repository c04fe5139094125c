import { afterAll, beforeAll, expect, it } from 'vitest'
import { session } from '#db/session.ts'
import { systemClock } from '#kernel/clock.ts'
import { NO_ID } from '#kernel/ids.ts'
import { event } from '#schema/events.ts'
import { SCHEMA } from '#service/job-schema.ts'
import { writeUsage } from '#subgraphs/customers/commands/write-usage.ts'
import { accountProperties } from '#subgraphs/customers/domain/account-properties.ts'
import { mayWriteAt, monthOf } from '#subgraphs/customers/domain/usage-days.ts'
import { asTransaction, type Transaction } from '#subgraphs/customers/store/transaction.ts'
import { keepUsageDays } from '#subgraphs/customers/store/usage-days.ts'
import { changeRecords } from '#subgraphs/customers/sync/change-records.ts'
import type { Dump } from '#test/assets/bed.ts'
import { ORG } from '#test/kit/customers.ts'
import { hasHeardItself } from '#test/kit/own-news.ts'
import { until } from '#test/kit/until.ts'
import { account, later, number, type OutwardBed, outwardBed, trunk, usage } from './bed.ts'

/** A moment of the month that has begun everywhere. */
const SURELY = new Date(systemClock.now().getTime() - 36 * 3_600_000)
/** A day of that month, as `YYYY-MM-DD`; below the first they are those of the month before. */
const dayOf = (day: number) =>
  new Date(Date.UTC(SURELY.getUTCFullYear(), SURELY.getUTCMonth(), day)).toISOString().slice(0, 10)
const DAYS = [dayOf(1), dayOf(2)] as const
const PAST = [dayOf(0), dayOf(-1)] as const

const stack = new AsyncDisposableStack()
let bed: OutwardBed
beforeAll(async () => {
  bed = stack.use(await outwardBed({ kinds: ['daily_usage_summary'] }))
}, 60_000)
afterAll(() => stack.disposeAsync())

const brand = (ban: string, tcrBrandId: string | null) =>
  event('telephony.brand.changed', ban, {
    ...{ brandId: `brand of ${ban}`, ban, tcrBrandId, observedAt: later(5) },
    status: tcrBrandId === null ? 'PENDING' : 'REGISTERED',
  })
const numberOf = (n: number) => ({ number: `+1303555${2000 + n}`, cnam: null })
const e911 = (status: 'NONE' | 'PENDING' | 'REGISTERED' | 'REJECTED', hash: string | null = null) => ({
  e911: { status, hash },
})

it('a company says all that its account is, how it pays and what it holds, and follows every change', async () => {
  const { id, domain } = bed.companies[0]!
  await bed.tell([
    account('OUT-1', domain, {
      ...{ contractEnd: '2027-06-30', paymentTerms: 'NET30', paymentMethod: 'ACH' },
      ...{ apiEnabled: true, smsEnabled: false },
    }),
    trunk('OUT-1', 'out-1'),
    number('OUT-1', 'n-1', numberOf(1), e911('REGISTERED', 'a'.repeat(64))),
    number('OUT-1', 'n-2', numberOf(2), { type: 'TOLLFREE', respOrg: 'ACTIVE', ...e911('NONE') }),
    number('OUT-1', 'n-3', numberOf(3), { status: 'PORTING_IN', origin: 'PORTED' }),
    brand('OUT-1', null),
  ])
  await bed.says(id, {
    ...{ warp_ban: 'OUT-1', warp_status: 'active', warp_service_tier: 'growth', warp_mrr: '100' },
    ...{ warp_contract_end: '2027-06-30', warp_credit_limit: '5000', warp_payment_terms: 'NET30' },
    ...{ warp_payment_method: 'ach', warp_payment_status: 'current' },
    ...{ warp_trunk_count: '1', warp_number_count: '2', warp_api_enabled: 'true', warp_sms_enabled: 'false' },
    ...{ warp_tcr_brand_id: null, warp_resporg_status: 'active', warp_e911_status: 'registered' },
  })
  const mark = (await bed.company(id)).warp_e911_hash
  expect(mark).toMatch(/^[0-9a-f]{64}$/)
  await bed.tell([
    account('OUT-1', domain, {
      ...{ status: 'SUSPENDED', paymentStatus: 'PAST_DUE', mrr: { amount: '120.5000', currency: 'USD' } },
      observedAt: later(30),
    }),
    number('OUT-1', 'n-2', numberOf(2), { ...e911('REJECTED', 'b'.repeat(64)), observedAt: later(30) }),
    brand('OUT-1', 'BXYZ123'),
  ])
  await bed.says(id, {
    ...{ warp_status: 'suspended', warp_payment_status: 'past_due', warp_mrr: '120.5' },
    ...{ warp_tcr_brand_id: 'BXYZ123', warp_e911_status: 'rejected' },
  })
  expect((await bed.company(id)).warp_e911_hash).not.toBe(mark)
})

it('leaves the credit limit to HubSpot once a company says one, and tells telephony of it with the account that it is of', async () => {
  const { id, domain } = bed.companies[0]!
  await bed.sim('records/companies', { id, properties: { warp_credit_limit: '7500' } })
  await bed.rest('POST', '/api/integrations/hubspot/sync', { integrationId: bed.integrationId })
  await bed.settled()
  const told = await until(async () => {
    const rows = await bed.database.read(ORG, (tx) =>
      tx
        .selectFrom('events.event_log')
        .select('payload')
        .where('name', '=', 'customers.company.changed')
        .orderBy('pos', 'desc')
        .limit(20)
        .execute(),
    )
    const all = rows.map(({ payload }) => payload as { ban?: string; creditLimit: { amount: string } | null })
    return all.find(({ ban, creditLimit }) => ban === 'OUT-1' && creditLimit?.amount === '7500')
  })
  expect(told.creditLimit).toEqual({ amount: '7500', currency: 'USD' })
  await bed.tell([account('OUT-1', domain, { tier: 'ENTERPRISE', observedAt: later(40) })])
  await bed.says(id, { warp_service_tier: 'enterprise', warp_credit_limit: '7500' })
})

it('of several accounts it says the leading one, adds amounts up, and of amounts in another currency says nothing', async () => {
  const { id, domain } = bed.companies[1]!
  await bed.tell([
    account('OUT-2', domain, {
      status: 'CHURNED',
      tier: 'ENTERPRISE',
      mrr: { amount: '999', currency: 'USD' },
    }),
    account('OUT-3', domain, { createdAt: later(1), paymentStatus: 'SUSPENDED', contractEnd: '2027-01-31' }),
    account('OUT-4', domain, { createdAt: later(2), tier: 'STARTER', contractEnd: '2026-12-31' }),
  ])
  await bed.says(id, {
    ...{ warp_ban: 'OUT-3', warp_status: 'active', warp_service_tier: 'growth', warp_mrr: '200' },
    ...{ warp_payment_status: 'suspended', warp_contract_end: '2026-12-31', warp_trunk_count: '0' },
  })
  await bed.tell([
    account('OUT-4', domain, {
      ...{ createdAt: later(2), mrr: { amount: '80', currency: 'EUR' }, observedAt: later(30) },
      creditLimit: { amount: '1', currency: 'EUR' },
    }),
  ])
  await bed.says(id, { warp_ban: 'OUT-3', warp_mrr: null })
})

it('takes back what it had written once the account is somebody else’s, and nothing that others have written', async () => {
  const [, { id, domain }] = bed.companies as [unknown, { id: string; domain: string }]
  const other = bed.companies[2]!
  await bed.sim('records/companies', { id: other.id, properties: { warp_ban: 'BY-HAND' } })
  await bed.rest('POST', '/api/integrations/hubspot/sync', { integrationId: bed.integrationId })
  await bed.settled()
  const away = ['OUT-2', 'OUT-3', 'OUT-4'].map((ban) =>
    account(ban, 'elsewhere.example', { observedAt: later(50) }),
  )
  await bed.tell(away)
  await bed.says(id, {
    ...{ warp_ban: null, warp_status: null, warp_mrr: null, warp_trunk_count: null },
    warp_payment_status: null,
  })
  await bed.quiet()
  expect((await bed.company(other.id)).warp_ban).toBe('BY-HAND')
  await bed.tell([account('OUT-3', domain, { observedAt: later(60) })])
  await bed.says(id, { warp_ban: 'OUT-3' })
})

it('writes what was used once a day to a company, however many accounts and rollups told of it, and corrections with the next day', async () => {
  const { id, domain } = bed.companies[3]!
  await bed.tell([account('OUT-6', domain), account('OUT-7', domain, { createdAt: later(1) })])
  await bed.says(id, { warp_ban: 'OUT-6' })
  await bed.quiet()
  await bed.forgetJournal()
  const first = [usage('OUT-6', DAYS[0]), usage('OUT-7', DAYS[0], { spend: null, messages: 0 })]
  await bed.tell(first)
  await bed.says(id, { warp_mtd_minutes: '200.5', warp_mtd_spend: '20.05' })
  await bed.quiet()
  expect(await bed.companyWrites()).toBe(1)
  const notes = async () =>
    (await bed.records('notes')).flatMap(({ properties, associations }) =>
      associations.companies?.some((each) => each.id === id) &&
      properties.hs_note_body?.includes('minutes on')
        ? [properties.hs_note_body]
        : [],
    )
  const said = await until(async () => (await notes())[0])
  expect(said).toBe(
    [
      `33 minutes on ${DAYS[0]}<br>Billing account: OUT-6, OUT-7<br>Day: ${DAYS[0]}<br>Calls completed: 16`,
      'Minutes used: 33<br>Messages sent: 3<br>Spend: 1.65 USD<br>Share of calls answered: 0.8',
      'Seconds of an answered call: 120',
    ].join('<br>'),
  )
  // Told again, late, and corrected: nothing until the next day has its turn.
  await bed.tell([...first, usage('OUT-6', DAYS[0], { minutes: '1', observedAt: later(10) })])
  const corrected = { minutes: '20', completedCalls: 9, monthToDate: { minutes: '103.75', spend: null } }
  await bed.tell([usage('OUT-6', DAYS[0], { ...corrected, observedAt: later(40) })])
  await until(async () => {
    const rows = await bed.database.read(ORG, (tx) =>
      tx.selectFrom('customers.usage_days').select('minutes').where('ban', '=', 'OUT-6').execute(),
    )
    return rows.some(({ minutes }) => Number(minutes) === 20)
  })
  await bed.quiet()
  expect([await bed.companyWrites(), await notes()]).toEqual([1, [said]])
  await bed.tell([
    usage('OUT-6', DAYS[1], { monthToDate: { minutes: '120', spend: null }, observedAt: later(50) }),
  ])
  await bed.says(id, { warp_mtd_minutes: '220.25', warp_mtd_spend: '10.025' })
  await until(async () => (await notes()).length === 2)
  await bed.quiet()
  expect(await bed.companyWrites()).toBe(2)
  expect((await notes()).find((text) => text.includes(`on ${DAYS[0]}`))).toMatch(
    new RegExp(
      `^36\\.5 minutes on ${DAYS[0]}<br>.*Calls completed: 17<br>.*Share of calls answered: 0\\.85<br>`,
    ),
  )
})

it('tells what was used before anybody knew whose it is once a company comes, each day of it on which something was', async () => {
  const { id, domain } = bed.companies[5]!
  const days = [PAST[1], PAST[0]]
  const nothing = { ...{ calls: 0, completedCalls: 0, minutes: '0', messages: 0 }, asr: null, acd: null }
  await bed.tell([
    account('OUT-10', 'nobody.example'),
    ...days.map((day) => usage('OUT-10', day)),
    usage('OUT-10', dayOf(-2), nothing),
  ])
  const kept = () =>
    bed.database.read(ORG, (tx) =>
      tx.selectFrom('customers.usage_days').selectAll().where('ban', '=', 'OUT-10').orderBy('day').execute(),
    )
  // Its turn has come and gone.
  await bed.tell([account('OUT-11', bed.companies[6]!.domain), usage('OUT-11', DAYS[0])])
  await bed.says(bed.companies[6]!.id, { warp_mtd_minutes: '100.25' })
  expect((await kept()).map((row) => row.written_as_of)).toEqual([null, null, null])
  await bed.tell([account('OUT-10', domain, { observedAt: later(30) })])
  await until(async () => (await kept()).every((row) => row.written_as_of !== null))
  // Of the month that is over the company says nothing.
  await bed.says(id, { warp_ban: 'OUT-10', warp_mtd_minutes: '0' })
  const said = async () =>
    (await bed.records('notes')).flatMap(({ properties, associations }) =>
      associations.companies?.some((each) => each.id === id)
        ? (properties.hs_note_body?.match(/minutes on ([\d-]+)/)?.[1] ?? [])
        : [],
    )
  await until(async () => (await said()).length === 2)
  expect((await said()).toSorted()).toEqual(days)
})

it('fault 1 (telephony): what was used is written once when its writer is killed before he has noted it', async () => {
  const { id, domain } = bed.companies[4]!
  await bed.tell([account('OUT-8', domain)])
  await bed.says(id, { warp_ban: 'OUT-8' })
  await bed.quiet()
  const alter = (text: string) => session(bed.test.adminUrl, (client) => client.query(text))
  await alter(
    `alter table customers.usage_days add constraint killed check (ban <> 'OUT-8' or written_as_of is null) not valid`,
  )
  await bed.forgetJournal()
  await bed.tell([usage('OUT-8', DAYS[0])])
  await until(async () => {
    const { rows } = await session(bed.test.adminUrl, (client) =>
      client.query(`select 1 from ${SCHEMA}.job where name = 'write-usage' and retry_count > 0`),
    )
    return rows.length > 0
  })
  expect(await bed.companyWrites()).toBe(0)
  await alter('alter table customers.usage_days drop constraint killed')
  await bed.says(id, { warp_mtd_minutes: '100.25' })
  await bed.quiet()
  expect(await bed.companyWrites()).toBe(1)
  const { results } = await bed.sim<{ results: Dump[] }>('records/notes?limit=1000&associations=companies')
  expect(
    results.filter(({ associations }) => associations.companies?.some((each) => each.id === id)),
  ).toMatchObject([{ properties: { hs_note_body: expect.stringContaining(`16.5 minutes on ${DAYS[0]}`) } }])
})

it('writes what was used a page of customers at a time, each once, and goes on where it was broken off', async () => {
  const two = bed.companies.slice(7, 9)
  await bed.tell(two.map(({ domain }, n) => account(`PAGE-${n}`, domain)))
  for (const [n, { id }] of two.entries()) await bed.says(id, { warp_ban: `PAGE-${n}` })
  // It has heard itself of who they are: that has usage written too.
  await until(() => hasHeardItself(bed.database, 'customers.identity.changed'))
  await bed.quiet()
  const kept = {
    calls: 10,
    completed_calls: 8,
    minutes: '16.5',
    messages: 3,
    spend: '1',
    currency: 'USD',
    acd: null,
  }
  const days = two.map((_, n) => ({
    ...{ ...kept, ban: `PAGE-${n}`, day: DAYS[0], observed_at: new Date(later(20)) },
    ...{ month_minutes: `${n + 1}00`, month_spend: '5' },
  }))
  const inOne = <T>(run: (tx: Transaction) => Promise<T>) =>
    bed.database.transaction(ORG, (tx) => run(asTransaction(tx)))
  await inOne((tx) => keepUsageDays(tx, ORG, days))
  const around = {
    changeRecords,
    numberOf: () => undefined,
    orgId: ORG,
    hasDeveloper: false,
    at: bed.clock.now(),
  }
  const page = (tx: Transaction, after: string) => writeUsage(tx, around, { after, limit: 1 })
  const left = async () =>
    (
      await bed.database.read(ORG, (tx) =>
        tx.selectFrom('customers.usage_days').select('ban').where('written_as_of', 'is', null).execute(),
      )
    ).length
  const first = await inOne((tx) => page(tx, NO_ID))
  expect(await left()).toBe(1)
  const killed = inOne(async (tx) => {
    await page(tx, first!)
    throw new Error('killed before it was kept')
  })
  await expect(killed).rejects.toThrow('killed')
  // Whoever begins again finds only what is left.
  const last = await inOne((tx) => page(tx, NO_ID))
  expect([last === first, await left()]).toEqual([false, 0])
  expect(await inOne((tx) => page(tx, last!))).toBeUndefined()
  for (const [n, { id }] of two.entries()) await bed.says(id, { warp_mtd_minutes: `${n + 1}00` })
})

it('writes a new day at once, a correction 25 hours after the last write, and lets a month that is over go', () => {
  const at = new Date('2026-11-30T08:00:00Z')
  const hours = (n: number) => new Date(at.getTime() + n * 3_600_000)
  const written = { day: '2026-11-29', at }
  expect(mayWriteAt('2026-11-29', { day: null, at: null }, at)).toBeUndefined()
  expect(mayWriteAt('2026-11-30', written, hours(1))).toBeUndefined()
  expect(mayWriteAt('2026-11-29', written, hours(24))).toEqual(hours(25))
  expect(mayWriteAt('2026-11-28', written, hours(25))).toBeUndefined()
  // It is December everywhere only once it is in the farthest west, and what is told of December is believed before.
  expect(monthOf([{ day: '2026-11-30' }], new Date('2026-12-02T11:59:00Z'))).toBe('2026-11')
  expect(monthOf([{ day: '2026-11-30' }], new Date('2026-12-02T12:00:00Z'))).toBe('2026-12')
  expect(monthOf([{ day: '2026-12-01' }, { day: '2026-10-04' }], new Date('2026-12-02T00:00:00Z'))).toBe(
    '2026-12',
  )
})

it('says nothing used in a month that is over, and adds up exactly', () => {
  const one = (ban: string, day: string, minutes: string, spend: string | null) => ({
    ...{ ban, day, month_minutes: minutes, month_spend: spend, currency: spend && 'USD' },
  })
  const holdings = { trunks: 0, numbers: 0, e911: [], e911_hash: null, resp_org: [] }
  const said = (usage: ReturnType<typeof one>[], month: string) => {
    const { warp_mtd_minutes: minutes, warp_mtd_spend: spend } = accountProperties({
      ...{ accounts: [], brands: [], holdings, usage, month },
    })
    return [minutes, typeof spend === 'function' ? spend({ currency: 'USD' }) : spend]
  }
  const usage = [one('A', '2026-11-30', '0.1', '0.1000'), one('B', '2026-11-03', '0.2', '0.2000')]
  expect(said(usage, '2026-11')).toEqual(['0.3', '0.3'])
  expect(said(usage, '2026-12')).toEqual(['0', '0'])
  expect(said([one('A', '2026-11-30', '5', null)], '2026-11')).toEqual(['5', null])
  expect(said([], '2026-11')).toEqual([undefined, undefined])
})
