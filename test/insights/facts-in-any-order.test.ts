import { expect, it } from 'vitest'
import { type InsightsBed, insightsBed } from './bed.ts'
import { ago, chance, DAY, NOW, pick, shuffled } from './facts.ts'
import { says, World } from './world.ts'

/** Every score in the database is the one that a computation from nothing gives at this moment, and there are no others. */
const expectSame = async (bed: InsightsBed, world: World, asOf: Date) => {
  const kept = await bed.scores(world.orgId)
  const computed = world.recomputed(asOf)
  expect([...kept.keys()].sort()).toEqual([...computed.keys()].sort())
  for (const [customerId, row] of kept) {
    const { score, confidence, contributions } = computed.get(customerId)!
    expect([customerId, row.score, row.confidence]).toEqual([
      customerId,
      score === null ? null : score.toFixed(2),
      confidence.toFixed(2),
    ])
    const parts = (list: { metric: string; points: number }[]) => list.map((c) => [c.metric, c.points])
    expect(parts(row.contributions)).toEqual(parts(contributions))
  }
}

it('ends at the scores of a full recompute, whatever order and batches the events came in, however often', async () => {
  await using bed = await insightsBed()
  for (const seed of [1, 2, 3]) {
    const random = chance(seed)
    const world = new World().live(random, 300)
    const repeated = world.told.filter(() => random() < 0.3)
    const waiting = shuffled(random, [...world.told, ...repeated])
    let at = ago(2)
    while (waiting.length > 0) {
      at = new Date(at.getTime() + random() * 0.05 * DAY)
      await bed.take(waiting.splice(0, 1 + Math.floor(random() * 60)), at)
      if (random() < 0.4) await bed.scoreAll(at, pick(random, [3, 250]))
    }
    await bed.scoreAll(NOW)
    await expectSame(bed, world, NOW)
    // Time goes on, and nothing else does.
    const later = new Date(NOW.getTime() + 75.3 * DAY)
    await bed.scoreAll(later)
    await expectSame(bed, world, later)
  }
})

it('moves a fact with its record from account to account, and withdraws it with the record', async () => {
  await using bed = await insightsBed()
  const world = new World()
  for (const n of [1, 2]) {
    world.tell('customers.identity.changed', says.identity(`customer-${n}`, 1, [`HUBSPOT:company-${n}`]))
    world.tell('customers.company.changed', says.company(`company-${n}`, { lastActivityAt: null }))
  }
  world.tell('customers.contact.changed', says.contact('ann', 'company-1'))
  await bed.take(world.told, NOW)
  await bed.scoreAll(NOW)
  const knowsPeople = async () =>
    [...(await bed.scores(world.orgId))]
      .filter(([, row]) => row.contributions.some((c) => c.metric === 'activeContacts'))
      .map(([id]) => id)
  expect(await knowsPeople()).toEqual(['customer-1'])

  await bed.take([world.tell('customers.contact.changed', says.contact('ann', 'company-2'))], NOW)
  // The one that lost it and the one that has it now.
  expect(await bed.scoreAll(NOW)).toBe(2)
  expect(await knowsPeople()).toEqual(['customer-2'])

  const gone = world.tell('customers.contact.changed', says.contact('ann', 'company-2', 5, true))
  await bed.take([gone], NOW)
  expect(await bed.scoreAll(NOW)).toBe(1)
  expect(await knowsPeople()).toEqual([])

  // What was said before it went does not bring it back.
  const earlier = world.told.find(({ event }) => event.name === 'customers.contact.changed')!
  await bed.take([earlier], NOW)
  expect(await bed.scoreAll(NOW)).toBe(0)
})

it('gives the survivor of a merge the facts of both, and the merged one no score; a split gives them back', async () => {
  await using bed = await insightsBed()
  const world = new World()
  const both = ['WARP:ban-1', 'WARP:ban-2']
  world.tell('customers.identity.changed', says.identity('kept', 1, ['WARP:ban-1']))
  world.tell('customers.identity.changed', says.identity('merged', 1, ['WARP:ban-2']))
  world.tell('telephony.account.changed', says.account('ban-1', 'CURRENT', '1000'))
  world.tell('telephony.account.changed', says.account('ban-2', 'PAST_DUE', '4000'))
  await bed.take(world.told, NOW)
  await bed.scoreAll(NOW)
  const apart = await bed.scores(world.orgId)
  expect([...apart.keys()].sort()).toEqual(['kept', 'merged'])

  // The survivor may speak first: nothing is lost, nothing stays behind.
  await bed.take([world.tell('customers.identity.changed', says.identity('kept', 2, both))], NOW)
  await bed.scoreAll(NOW)
  await bed.take([world.tell('customers.identity.changed', says.identity('merged', 2, [], 'kept'))], NOW)
  await bed.scoreAll(NOW)
  const together = await bed.scores(world.orgId)
  expect([...together.keys()]).toEqual(['kept'])
  expect(together.get('kept')!.contributions.find((c) => c.metric === 'monthlyRevenue')).toMatchObject({
    value: 5000,
  })
  expect(together.get('kept')!.identity_version).toBe(2)

  world.tell('customers.identity.changed', says.identity('merged', 3, ['WARP:ban-2']))
  world.tell('customers.identity.changed', says.identity('kept', 3, ['WARP:ban-1']))
  await bed.take(world.told.slice(-2), NOW)
  await bed.scoreAll(NOW)
  const again = await bed.scores(world.orgId)
  expect([...again].map(([id, row]) => [id, row.score]).sort()).toEqual(
    [...apart].map(([id, row]) => [id, row.score]).sort(),
  )
})

it('forgets the score of a customer that has no account left, and takes it up again with the first', async () => {
  await using bed = await insightsBed()
  const world = new World()
  world.tell('telephony.account.changed', says.account('ban-1'))
  const step = async (version: number, accounts: string[]) => {
    await bed.take([world.tell('customers.identity.changed', says.identity('one', version, accounts))], NOW)
    await bed.scoreAll(NOW)
    return (await bed.scores(world.orgId)).size
  }
  await bed.take(world.told, NOW)
  expect([await step(1, ['WARP:ban-1']), await step(2, []), await step(3, ['WARP:ban-1'])]).toEqual([1, 0, 1])
})
