import { afterAll, beforeAll, expect, it } from 'vitest'
import { type InsightsBed, insightsBed } from '../insights/bed.ts'
import { World } from '../insights/world.ts'
import { enrichmentBed, someCustomer } from './bed.ts'
import { outsideServer } from './outside-server.ts'

let shared: InsightsBed
beforeAll(async () => {
  shared = await insightsBed()
})
afterAll(() => shared?.[Symbol.asyncDispose]())

const LAPSE = 31_000
const someCustomers = (count: number): World => {
  const world = new World()
  for (let n = 0; n < count; n++) someCustomer(world, `c${n}`, { domain: `acme${n}.example` })
  return world
}
const byItself = { isAsked: false }

it('writes the hub’s own words of all on the day on which the budget is spent, and then of no more a day than somebody is asked about', async () => {
  await using server = await outsideServer()
  const bed = await enrichmentBed(shared, server.config, someCustomers(8))
  await bed.set({ automatic: true, providers: ['RESEARCH'], callsPerDay: 2, mostPerMinute: 100 })
  for (let n = 0; n < 8; n++) await bed.want(`c${n}`, byItself)
  expect(await bed.enrich()).toBe(8)
  const spent = async () => (await bed.queue()).filter(({ code }) => code === 'ENRICHMENT_BUDGET_SPENT')
  expect(await spent()).toHaveLength(6)
  // Not among those that wait: whoever looks for a turn does not walk past them.
  for (const row of await spent())
    expect(row).toMatchObject({ state: 'RESTING', due_at: new Date('2026-11-21T00:00:00.000Z') })
  for (let day = 1; day <= 3; day++) {
    bed.clock.set(`2026-11-2${day}T00:00:01.000Z`)
    expect(await bed.enrich()).toBe(2)
    expect(await bed.enrich()).toBe(0)
    expect(await spent()).toHaveLength(6 - 2 * day)
  }
  expect(server.counts().research).toBe(8)
})

it('writes of as many a minute as the organisation allows, however many processes do', async () => {
  await using server = await outsideServer()
  server.script.model = () => 'never'
  const bed = await enrichmentBed(shared, server.config, someCustomers(12))
  await bed.set({ automatic: true, providers: ['MODEL'], mostPerMinute: 5 })
  for (let n = 0; n < 12; n++) await bed.want(`c${n}`, byItself)
  const taken = await Promise.all([bed.enrich(4), bed.enrich(4), bed.enrich(4), bed.enrich(4)])
  expect(taken.reduce((sum, count) => sum + count, 0)).toBe(5)
  expect(server.counts().model).toBe(5)
})

it('keeps what is written of all others where one cannot be kept, and gives that one up after five times', async () => {
  await using server = await outsideServer()
  const bed = await enrichmentBed(shared, server.config, someCustomers(5))
  await bed.set({ providers: [] })
  // Whatever is wrong with it: the database does not take it.
  await shared.rows(`
    create function insights.refuse_c3() returns trigger language plpgsql as $$ begin raise exception 'not this one'; end $$;
    create trigger refuse_c3 before insert on insights.enrichments for each row when (new.org_id = '${bed.orgId}' and new.customer_id = 'c3')
      execute function insights.refuse_c3()`)
  for (let n = 0; n < 5; n++) await bed.want(`c${n}`)
  await expect(bed.enrich()).rejects.toThrow('not this one')
  const rest = (await bed.queue()).filter(({ customer_id }) => customer_id !== 'c3')
  expect(rest.map(({ state }) => state)).toEqual(['RESTING', 'RESTING', 'RESTING', 'RESTING'])
  for (let attempt = 2; attempt <= 5; attempt++) {
    bed.clock.advance(LAPSE)
    await expect(bed.enrich()).rejects.toThrow('not this one')
  }
  bed.clock.advance(LAPSE)
  await bed.enrich()
  const given = async () => (await bed.queue()).find(({ customer_id }) => customer_id === 'c3')
  expect(await given()).toMatchObject({
    state: 'FAILED',
    code: 'ENRICHMENT_BROKE_OFF',
    attempts: 5,
    due_at: null,
  })
  bed.clock.advance(LAPSE)
  expect(await bed.enrich()).toBe(0)
  // What is mended meanwhile is written once somebody asks again.
  await shared.rows('drop trigger refuse_c3 on insights.enrichments')
  await bed.want('c3')
  expect(await bed.enrich()).toBe(1)
  expect(await given()).toMatchObject({ state: 'RESTING', code: null })
})
