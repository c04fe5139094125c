import { describe, expect, it } from 'vitest'
import { TestClock } from '#kernel/clock.ts'
import type { Jobs } from '#service/jobs.ts'
import { scoreByHalves } from '#subgraphs/insights/commands/score-by-halves.ts'
import { startScoring } from '#subgraphs/insights/jobs/score-due.ts'
import { recordingLog } from '#test/kit/log.ts'
import { until } from '#test/kit/until.ts'
import { type InsightsBed, insightsBed } from './bed.ts'
import { NOW } from './facts.ts'
import { says, World } from './world.ts'

/** Customers of whom each has a billing account. */
const crowd = (count: number): World => {
  const world = new World()
  for (let i = 0; i < count; i++) {
    world.tell('customers.identity.changed', says.identity(`customer-${i}`, 1, [`WARP:ban-${i}`]))
    world.tell('telephony.account.changed', says.account(`ban-${i}`))
  }
  return world
}

/** A fact that nobody can count with: seen at the end of time. No event may say so, and it stands there all the same. */
const spoil = (bed: InsightsBed, ban: string) =>
  bed.rows(
    "update insights.signals set observed_at = 'infinity', happened_at = 'infinity' where account_id = $1",
    [ban],
  )

const setAside = (bed: InsightsBed) =>
  bed.rows<{ customer_id: string; failures: number; reason: string }>(
    'select customer_id, failures, reason from insights.set_aside order by customer_id',
  )

/** Judges what is due by halves, and keeps what operators are told. */
const judging = (bed: InsightsBed, world: World) => {
  const clock = new TestClock(NOW)
  const { log, lines } = recordingLog()
  const sent: Record<string, unknown>[] = []
  const jobs = {
    enqueueAll: async (_: object, __: object, alerts: Record<string, unknown>[]) => {
      sent.push(...alerts)
    },
  } as unknown as Jobs
  const alarm = { jobs, clock, log, sends: true }
  const judge = () =>
    bed.database.transaction(world.orgId, (tx) => scoreByHalves(tx, world.orgId, { alarm, limit: 250 }))
  return { clock, alarm, log, lines, sent, judge }
}

describe('a customer that cannot be judged', () => {
  it('is set aside by the loop, and all others are judged', async () => {
    await using bed = await insightsBed()
    const world = crowd(40)
    await bed.take(world.told, NOW)
    await spoil(bed, 'ban-7')
    const { clock, alarm, log, lines } = judging(bed, world)
    {
      await using _ = startScoring({ rows: bed.database, clock, log, alarm, published: () => undefined })
      await until(async () => (await bed.scores(world.orgId)).size === 39 && (await bed.unscored()) === 0)
    }
    expect((await bed.scores(world.orgId)).has('customer-7')).toBe(false)
    expect(await setAside(bed)).toEqual([{ customer_id: 'customer-7', failures: 1, reason: 'SQL_23502' }])
    expect(lines.filter((line) => line.customerId).map((line) => line.customerId)).toEqual(['customer-7'])
  })

  it('is told of to operators once, however often it is tried again in vain', async () => {
    await using bed = await insightsBed()
    const world = crowd(9)
    await bed.take(world.told, NOW)
    await spoil(bed, 'ban-3')
    await spoil(bed, 'ban-4')
    const { clock, sent, judge } = judging(bed, world)
    expect(await judge()).toBe(9)
    expect(await judge()).toBe(0)
    clock.advance(60_000)
    expect(await judge()).toBe(2)
    clock.advance(60_000)
    expect(await judge(), 'it waits twice as long').toBe(0)
    clock.advance(60_000)
    expect(await judge()).toBe(2)
    expect(sent).toEqual([
      expect.objectContaining({
        ...{ orgId: world.orgId, code: 'HUB_CUSTOMER_NOT_JUDGED', subject: 'CUSTOMER', count: 2 },
      }),
    ])
    expect((await setAside(bed)).map((row) => row.failures)).toEqual([3, 3])
  })

  it('is judged as soon as its facts are mended, and is set aside no longer', async () => {
    await using bed = await insightsBed()
    const world = crowd(3)
    await bed.take(world.told, NOW)
    await spoil(bed, 'ban-1')
    const { sent, judge } = judging(bed, world)
    await judge()
    await bed.rows("delete from insights.signals where account_id = 'ban-1'")
    await bed.take([world.tell('telephony.account.changed', says.account('ban-1', 'PAST_DUE'))], NOW)
    expect(await judge()).toBe(1)
    expect((await bed.scores(world.orgId)).get('customer-1')?.score).not.toBeNull()
    expect(await setAside(bed)).toEqual([])
    expect(sent).toHaveLength(1)
  })

  it('is found also when it is the database that refuses what is thought of it', async () => {
    await using bed = await insightsBed()
    const world = crowd(20)
    await bed.take(world.told, NOW)
    await bed.rows("alter table insights.health add check (customer_id <> 'customer-11')")
    const { judge } = judging(bed, world)
    await judge()
    expect((await bed.scores(world.orgId)).size).toBe(19)
    expect(await setAside(bed)).toEqual([
      { customer_id: 'customer-11', failures: 1, reason: expect.stringMatching(/^SQL_23514/) },
    ])
  })

  it('is nobody when it is the database that is in trouble: then all wait', async () => {
    await using bed = await insightsBed()
    const world = crowd(4)
    await bed.take(world.told, NOW)
    await bed.rows(
      `create function insights.full() returns trigger language plpgsql as $$ begin raise exception 'full' using errcode = '53100'; end $$;
      create trigger full_disk before insert on insights.health execute function insights.full()`,
    )
    const { judge, sent } = judging(bed, world)
    await expect(judge()).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE' })
    expect([await bed.unscored(), await setAside(bed), sent]).toEqual([4, [], []])
  })
})
