import { describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '#db/client.ts'
import type { DB } from '#db/generated/insights.ts'
import { forgetOldPast } from '#subgraphs/insights/commands/forget-past.ts'
import { scoreOrganisation } from '#subgraphs/insights/commands/score-customers.ts'
import { silentLog } from '#test/kit/log.ts'
import { insightsBed } from './bed.ts'
import { chance, NOW, pick } from './facts.ts'
import { debtor, later } from './insight-facts.ts'
import { decided, judgedIn, judgedSince, worldOf } from './regrouped.ts'
import { says, World } from './world.ts'

describe('links and splits', () => {
  it('without number, judged by two processes at once of which one dies now and then, leave what was there', async () => {
    await using bed = await insightsBed()
    await using other = openDatabase<DB>(bed.test.urls, { log: silentLog })
    const names = Array.from({ length: 12 }, (_, n) => `customer-${n}`)
    const { world, link, split } = worldOf(...names)
    await judgedSince(bed, world)
    for (const name of names.filter((_, n) => n % 3 === 0)) await decided(bed, name, 'ACCEPTED', later(17))
    const before = await judgedIn(bed)
    const random = chance(55)
    const linked = new Map<string, string>()
    let now = later(17.01).getTime()
    const dies = async () => {
      await expect(
        other.transaction(world.orgId, async (tx) => {
          await scoreOrganisation(tx, world.orgId, new Date(now), 3)
          throw new Error('dies')
        }),
      ).rejects.toThrow('dies')
    }
    const turn = async () => {
      const at = new Date(now)
      if (random() < 0.2) await dies()
      const one = (rows: Database<DB>) =>
        rows.transaction(world.orgId, (tx) => scoreOrganisation(tx, world.orgId, at, 3))
      await Promise.all([one(bed.database), one(other)])
    }
    for (let step = 0; step < 40; step++) {
      now += 60_000
      const name = pick(random, names)
      const into = linked.get(name)
      const isFree = !into && ![...linked.values()].includes(name)
      if (into) {
        await bed.take(split(name, into), new Date(now))
        linked.delete(name)
      } else if (isFree) {
        const to = pick(
          random,
          names.filter((each) => each !== name && !linked.has(each)),
        )
        await bed.take(link(name, to), new Date(now))
        linked.set(name, to)
      }
      if (random() < 0.7) await turn()
    }
    for (const [name, into] of linked) {
      now += 60_000
      await bed.take(split(name, into), new Date(now))
      await turn()
    }
    await bed.scoreAll(new Date(now))
    expect(await judgedIn(bed)).toEqual(before)
  })

  it('leave nobody to be written about who was merged into another', async () => {
    await using bed = await insightsBed()
    const world = new World()
    debtor(world, 1)
    await bed.take(world.told, NOW)
    await bed.scoreAll(NOW)
    await bed.take(
      [
        world.tell('customers.identity.changed', says.identity('debtor-1', 2, [], 'survivor')),
        world.tell('customers.enrichment.wanted', {
          customerId: 'debtor-1',
          priority: 5,
          observedAt: NOW.toISOString(),
        }),
      ],
      later(1),
    )
    expect(await bed.rows('select customer_id from insights.enrichment_queue')).toEqual([])
  })

  it('are forgotten where they lie too far back, of whoever nobody judges any more', async () => {
    await using bed = await insightsBed()
    const { world, link } = worldOf('a', 'b')
    await judgedSince(bed, world)
    await bed.take(link('a', 'b'), later(18))
    await bed.scoreAll(later(18))
    const kept = async () =>
      (
        await bed.rows<{ n: number }>(
          `select (select count(*) from insights.health_history where customer_id = 'a')::int as n
          union all select count(*)::int from insights.former_accounts
          union all select count(*)::int from insights.former_judgements where merged_into is null
          union all select count(*)::int from insights.former_judgements where merged_into is not null`,
        )
      ).map(({ n }) => n > 0)
    const forget = (at: Date) =>
      bed.database.transaction(world.orgId, (tx) => forgetOldPast(tx, world.orgId, at))
    await forget(later(399))
    expect(await kept()).toEqual([true, true, true, true])
    await forget(later(418.1))
    // What was thought of a customer is kept for as long as it is merged: it may stand for itself again.
    expect(await kept()).toEqual([false, false, false, true])
  })
})
