import { describe, expect, it } from 'vitest'
import type { Database } from '#db/client.ts'
import type { DB } from '#db/generated/insights.ts'
import { TestClock } from '#kernel/clock.ts'
import { learnFromPurchasesOf } from '#subgraphs/insights/commands/learn-buying.ts'
import type { BuyingModel } from '#subgraphs/insights/domain/buying/learning.ts'
import { type InsightsBed, insightsBed } from '#test/insights/bed.ts'
import { DAY, NOW } from '#test/insights/facts.ts'
import { says, World } from '#test/insights/world.ts'
import { buyer, chanceFrom, spender } from '../../bench/simulated-buying.ts'

const TRUTH = { r: 2, alpha: 10, a: 0.8, b: 4, firstMayBeLast: 0 } as const
const SPENDING = { p: 6, q: 4, gamma: 1500 }

/** Customers with deals as the model makes them, told of by the events that tell of deals. */
const buyers = (count: number, world = new World(), seed = 1): World => {
  const chance = chanceFrom(seed)
  for (let n = 0; n < count; n++) {
    world.tell('customers.identity.changed', says.identity(`customer-${n}`, 1, [`HUBSPOT:company-${n}`]))
    const age = 60 + 90 * chance()
    const worth = spender(chance, SPENDING)
    for (const [at, time] of buyer(chance, TRUTH, age).entries()) {
      const closed = new Date(NOW.getTime() - (age - time) * 7 * DAY).toISOString()
      const deal = says.deal(`deal-${n}-${at}`, `company-${n}`, worth().toFixed(2))
      world.tell('customers.deal.changed', { ...deal, createdAt: closed, closeDate: closed })
    }
  }
  return world
}

const learn = (bed: InsightsBed, orgId: string, at = NOW, database: Database<DB> = bed.database) =>
  learnFromPurchasesOf(orgId, { database, clock: new TestClock(at) })

interface ModelRow {
  name: string
  version: number
  learned: BuyingModel | null
  report: Record<string, number>
  is_held: boolean
}
const models = (bed: InsightsBed, orgId: string) =>
  bed.rows<ModelRow>('select * from insights.models where org_id = $1 order by name, version', [orgId])
const findings = async (bed: InsightsBed, orgId: string) =>
  bed.rows<{ customer_id: string; found: Record<string, unknown>; as_of: Date }>(
    'select customer_id, found, as_of from insights.findings where org_id = $1 order by customer_id',
    [orgId],
  )

describe('what is learned from purchases', () => {
  it('is learned from all customers of the organisation, and says of each what it will still spend and when it buys next', async () => {
    await using bed = await insightsBed()
    const world = buyers(300)
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    expect(await learn(bed, world.orgId)).toBe(true)
    const [model] = await models(bed, world.orgId)
    expect(model).toMatchObject({ name: 'buying', version: 1, is_held: true })
    expect(model!.learned).toMatchObject({ version: 1, kind: 'DEAL', spending: { currency: 'USD' } })
    // What its buyers were made with lies where the report says that it does.
    for (const name of ['r', 'alpha', 'a', 'b'] as const) {
      expect(model!.report[`${name}Low`]!, name).toBeLessThan(TRUTH[name])
      expect(model!.report[`${name}High`]!, name).toBeGreaterThan(TRUTH[name])
    }
    expect(model!.report.holdoutError).toBeLessThan(0.25)

    expect(await bed.scoreAll(NOW)).toBe(300)
    const found = await findings(bed, world.orgId)
    expect(found).toHaveLength(300)
    for (const { found: said } of found) expect(Object.keys(said)).toContain('value')
    const told = (await bed.profiles(world.orgId)).filter(({ payload }) => payload.fields.lifetimeValue)
    expect(told).toHaveLength(300)
    const reason = await bed.rows<{ reason: string }>('select reason from insights.recomputes')
    expect(reason).toEqual([{ reason: 'LEARNED' }])
  })

  it('is not learned again until a month has passed or there is a tenth more', async () => {
    await using bed = await insightsBed()
    const world = buyers(150)
    await bed.take(world.told, NOW)
    expect(await learn(bed, world.orgId)).toBe(true)
    expect(await learn(bed, world.orgId)).toBe(false)
    const soon = new Date(NOW.getTime() + 29 * DAY)
    expect(await learn(bed, world.orgId, soon)).toBe(false)
    expect(await learn(bed, world.orgId, new Date(soon.getTime() + DAY))).toBe(true)
    expect((await models(bed, world.orgId)).map(({ version }) => version)).toEqual([1, 2])
    const more = new World()
    Object.defineProperty(more, 'orgId', { value: world.orgId })
    const added = Array.from({ length: 200 }, (_, n) =>
      more.tell('customers.deal.changed', {
        ...says.deal(`more-${n}`, `company-${n % 150}`),
        closeDate: soon.toISOString(),
      }),
    )
    await bed.take(added, soon)
    expect(await learn(bed, world.orgId, new Date(soon.getTime() + 2 * DAY))).toBe(true)
  })

  it('is nothing for too few that buy again: no value is made up', async () => {
    await using bed = await insightsBed()
    const world = new World()
    for (let n = 0; n < 120; n++) {
      world.tell('customers.identity.changed', says.identity(`customer-${n}`, 1, [`HUBSPOT:company-${n}`]))
      world.tell('customers.deal.changed', says.deal(`deal-${n}`, `company-${n}`))
    }
    await bed.take(world.told, NOW)
    expect(await learn(bed, world.orgId)).toBe(true)
    expect(await models(bed, world.orgId)).toMatchObject([{ version: 1, learned: null, is_held: false }])
    await bed.scoreAll(NOW)
    for (const { found } of await findings(bed, world.orgId)) {
      expect(Object.keys(found)).toContain('buying')
      expect(Object.keys(found)).not.toEqual(expect.arrayContaining(['value']))
      expect(Object.keys(found)).not.toEqual(expect.arrayContaining(['nextOrder']))
    }
    expect(await bed.rows('select 1 from insights.recomputes')).toEqual([])
  })

  it('of two that learn at once one is kept', async () => {
    await using bed = await insightsBed()
    const world = buyers(150)
    await bed.take(world.told, NOW)
    const both = await Promise.allSettled([learn(bed, world.orgId), learn(bed, world.orgId)])
    expect(both.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThanOrEqual(1)
    expect((await models(bed, world.orgId)).filter(({ name }) => name === 'buying')).toHaveLength(1)
  })

  it('does not take the place of one that foretold the last half year better', async () => {
    await using bed = await insightsBed()
    const world = buyers(200)
    await bed.take(world.told, NOW)
    await learn(bed, world.orgId)
    const [first] = await models(bed, world.orgId)
    // From now on they buy as nobody could have foretold: three times as often.
    const later = new Date(NOW.getTime() + 180 * DAY)
    const wild = Array.from({ length: 200 }, (_, n) =>
      Array.from({ length: 15 }, (_x, k) => {
        const closeDate = new Date(NOW.getTime() + (k * 11 + 3) * DAY).toISOString()
        return world.tell('customers.deal.changed', {
          ...says.deal(`wild-${n}-${k}`, `company-${n}`),
          closeDate,
        })
      }),
    ).flat()
    await bed.take(wild, later)
    expect(await learn(bed, world.orgId, later)).toBe(true)
    const [held, refused] = (await models(bed, world.orgId)).filter(({ name }) => name === 'buying')
    expect(held).toMatchObject({ version: 1, is_held: true, learned: first!.learned })
    expect(refused).toMatchObject({ version: 2, is_held: false })
    expect(refused!.report.holdoutError).toBeGreaterThan(0.5)
  })

  it('reads an organisation’s customers alone', async () => {
    await using bed = await insightsBed()
    const [one, other] = [buyers(100), buyers(50, new World(), 2)]
    await bed.take([...one.told, ...other.told], NOW)
    await learn(bed, one.orgId)
    expect(await models(bed, other.orgId)).toEqual([])
    const [model] = await models(bed, one.orgId)
    expect(model!.report.customers).toBe(100)
    await bed.scoreAll(NOW)
    for (const { found } of await findings(bed, other.orgId)) expect(found.value).toBeUndefined()
  })

  it('found anew in full is what was found as time went by', async () => {
    await using bed = await insightsBed()
    const world = buyers(80)
    await bed.take(world.told, NOW)
    await learn(bed, world.orgId)
    await bed.scoreAll(NOW)
    for (let step = 1; step <= 12; step++) await bed.scoreAll(new Date(NOW.getTime() + step * 17.3 * DAY))
    const at = new Date(NOW.getTime() + 12 * 17.3 * DAY)
    const before = await findings(bed, world.orgId)
    await bed.rows("update insights.customers set dirty_since = '2020-01-01'")
    expect(await bed.scoreAll(at)).toBe(80)
    expect(await findings(bed, world.orgId)).toEqual(before)
  })
})
