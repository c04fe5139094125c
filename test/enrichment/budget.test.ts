import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '#test/kit/until.ts'
import { type InsightsBed, insightsBed } from '../insights/bed.ts'
import { DAY } from '../insights/facts.ts'
import { World } from '../insights/world.ts'
import { enrichmentBed, someCustomer } from './bed.ts'
import { outsideServer, wording } from './outside-server.ts'

let shared: InsightsBed
beforeAll(async () => {
  shared = await insightsBed()
})
afterAll(() => shared?.[Symbol.asyncDispose]())

const BOTH = { providers: ['RESEARCH', 'MODEL'] as const }

describe('the budget', () => {
  it('is not exceeded by two processes at once, and says when there is some again', async () => {
    const world = new World()
    for (let n = 0; n < 12; n++) someCustomer(world, `c${n}`, { domain: `acme${n}.example` })
    await using server = await outsideServer()
    const bed = await enrichmentBed(shared, server.config, world)
    await bed.set({ ...BOTH, callsPerDay: 8, costPerDay: '0.056' })
    for (let n = 0; n < 12; n++) await bed.want(`c${n}`)
    await Promise.all([bed.enrich(6), bed.enrich(6)])
    // Five questions of a cent, and three answers of a fifth of one for the rest.
    const days = await bed.days()
    const total = days.reduce((sum, { cost }) => sum + Number(cost), 0)
    expect(total).toBeLessThanOrEqual(0.056)
    expect(days.every(({ calls }) => calls <= 8)).toBe(true)
    expect(server.counts()).toEqual({ research: days[1]!.calls, model: days[0]!.calls })
    const rows = await bed.queue()
    const waiting = rows.filter(({ code }) => code === 'ENRICHMENT_BUDGET_SPENT')
    expect(waiting.length).toBeGreaterThan(0)
    expect(waiting[0]).toMatchObject({ state: 'WAITING', due_at: new Date('2026-11-21T00:00:00.000Z') })
    // They have the hub's own words meanwhile.
    expect(await bed.document(waiting[0]!.customer_id)).toMatchObject({
      refused: expect.arrayContaining([
        { provider: expect.anything(), code: 'ENRICHMENT_BUDGET_SPENT', againAt: '2026-11-21T00:00:00.000Z' },
      ]),
    })
    bed.clock.set('2026-11-21T00:00:01.000Z')
    expect(await bed.enrich()).toBe(waiting.length)
  })

  it('is charged before the call, and once when the process that called was killed', async () => {
    await using server = await outsideServer()
    server.script.model = () => 'never'
    const bed = await enrichmentBed(shared, server.config)
    await bed.set({ providers: ['MODEL'] })
    await bed.want()
    const killed = new AbortController()
    const dying = bed.enrich(1, killed.signal)
    await until(() => server.counts().model === 1)
    expect(await bed.days()).toMatchObject([{ calls: 1, answered: 0, failed: 0 }])
    killed.abort()
    expect(await dying).toBe(0)
    expect(await bed.queue()).toMatchObject([{ state: 'RUNNING', paid: ['MODEL'] }])
    // Nobody takes it before its time is over.
    expect(await bed.enrich()).toBe(0)
    server.script.model = (facts) => wording(facts.map(({ key, text }) => ({ claim: key, text })))
    bed.clock.advance(31_000)
    expect(await bed.enrich()).toBe(1)
    expect(await bed.document()).toMatchObject({ provider: 'MODEL' })
    expect(await bed.days()).toMatchObject([{ calls: 1, cost: '0.002', answered: 1 }])
    expect(await bed.queue()).toMatchObject([{ state: 'RESTING', paid: [] }])
  })

  it('leaves what came too late to whoever has taken the turn meanwhile', async () => {
    await using server = await outsideServer()
    const bed = await enrichmentBed(shared, server.config)
    await bed.set({ providers: ['MODEL'] })
    await bed.want()
    server.script.model = () => 'never'
    const late = bed.enrich()
    await until(() => server.counts().model === 1)
    bed.clock.advance(31_000)
    server.script.model = (facts) => wording(facts.map(({ key, text }) => ({ claim: key, text })))
    expect(await bed.enrich()).toBe(1)
    const kept = await bed.document()
    await late
    expect(await bed.document()).toEqual(kept)
    expect(await bed.queue()).toMatchObject([{ state: 'RESTING' }])
    expect(await bed.told()).toHaveLength(1)
  })
})

describe('whoever fails', () => {
  it('is tried again after longer and longer waits, five times, and then waits for somebody to look', async () => {
    await using server = await outsideServer()
    server.script.research = () => ({ status: 500 })
    const bed = await enrichmentBed(shared, server.config)
    await bed.set({ providers: ['RESEARCH'] })
    await bed.want()
    for (let attempt = 1; attempt < 5; attempt++) {
      expect(await bed.enrich()).toBe(1)
      const [row] = await bed.queue()
      expect(row).toMatchObject({ state: 'WAITING', attempts: attempt, code: 'HUB_VENDOR_UNAVAILABLE' })
      expect(row!.due_at!.getTime()).toBeGreaterThan(bed.clock.now().getTime() + 10_000)
      expect(await bed.enrich()).toBe(0)
      bed.clock.advance(3_600_000)
    }
    await bed.enrich()
    expect(await bed.queue()).toMatchObject([{ state: 'FAILED', attempts: 5, due_at: null }])
    bed.clock.advance(30 * DAY)
    expect(await bed.enrich()).toBe(0)
    server.script.research = () => ({ json: { facts: [] } })
    await bed.want()
    await bed.enrich()
    expect(await bed.queue()).toMatchObject([{ state: 'RESTING', code: null }])
  })

  it('is not tried again where trying cannot help, and has the hub’s own words all the same', async () => {
    await using server = await outsideServer()
    server.script.model = () => ({ status: 401 })
    const bed = await enrichmentBed(shared, server.config)
    await bed.set({ providers: ['MODEL'] })
    await bed.want()
    await bed.enrich()
    expect(await bed.queue()).toMatchObject([{ state: 'FAILED', code: 'HUB_VENDOR_CREDENTIAL_REJECTED' }])
    expect((await bed.document())!.sentences.length).toBeGreaterThan(2)
  })

  it('says what is missing where nobody can be asked', async () => {
    const bed = await enrichmentBed(shared, {}, someCustomer(new World(), 'customer-1', {}))
    await bed.set(BOTH)
    await bed.want()
    await bed.enrich()
    expect((await bed.document())!.refused.map(({ code }) => code)).toEqual([
      'ENRICHMENT_NOT_CONFIGURED',
      'ENRICHMENT_NOT_CONFIGURED',
    ])
    await using server = await outsideServer()
    const other = await enrichmentBed(shared, server.config, someCustomer(new World(), 'customer-1', {}))
    await other.set({ providers: ['RESEARCH'] })
    await other.want()
    await other.enrich()
    expect((await other.document())!.refused.map(({ code }) => code)).toEqual(['ENRICHMENT_NO_DOMAIN'])
    expect(await other.queue()).toMatchObject([{ state: 'RESTING' }])
  })
})
