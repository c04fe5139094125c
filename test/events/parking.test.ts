import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { over } from '#db/client.ts'
import { define } from '#kernel/errors.ts'
import { recordingLog } from '#test/kit/log.ts'
import { until } from '#test/kit/until.ts'
import { follow, serveFeed, startTarget } from './follower.ts'
import { leaveRows } from './rows.ts'
import { ACME, asSuperuser, BIG, changed, startSource, tell } from './source.ts'

const Busy = define('TEST_BUSY', { status: 503, retry: 'later', says: 'Busy.' })
const CANARY = 'canary.person@example.org'

it('parks the key of an event that fails, lets all others go on, and replays in order once it is mended', async () => {
  await using source = await startSource()
  await using feed = await serveFeed(source)
  await using target = await startTarget()
  let mended = false
  const { log, lines } = recordingLog()
  await using consumer = follow(target, feed.url, {
    log,
    apply: async (tx, orgId, events) => {
      await leaveRows(tx, orgId, events)
      if (!mended && events.some(({ key, payload }) => key === 'bad' && (payload as { n: number }).n === 2))
        throw new TypeError(`cannot read ${CANARY}`)
    },
  })
  await tell(source.database, ACME, [
    changed('bad', 1),
    changed('good', 1),
    changed('bad', 2),
    changed('good', 2),
    changed('bad', 3),
  ])
  await tell(source.database, BIG, [changed('good', 9)])
  await until(() => consumer.position() === 6)
  await tell(source.database, ACME, [changed('bad', 4), changed('good', 3)])
  await until(() => consumer.position() === 8)
  const ofAcme = async (key: string) =>
    (await target.effects()).filter((effect) => effect.org === ACME && effect.key === key).map(({ n }) => n)
  expect(await ofAcme('good')).toEqual([1, 2, 3])
  expect(await ofAcme('bad')).toEqual([1])
  const parked = await consumer.parked()
  expect(parked.map(({ key, reason, tries }) => ({ key, reason, tries }))).toEqual([
    { key: 'bad', reason: 'FAILED:TypeError', tries: 1 },
    { key: 'bad', reason: null, tries: 0 },
    { key: 'bad', reason: null, tries: 0 },
  ])
  expect(JSON.stringify([parked, lines])).not.toContain(CANARY)
  expect(lines.some(({ msg }) => msg === 'parked an event')).toBe(true)

  expect(await consumer.replayParked(parked[0]!.id)).toEqual({ applied: 0, left: 3 })
  expect((await consumer.parked())[0]).toMatchObject({ tries: 2, reason: 'FAILED:TypeError' })
  mended = true
  expect(await consumer.replayParked(parked[1]!.id)).toEqual({ applied: 3, left: 0 })
  expect(await ofAcme('bad')).toEqual([1, 2, 3, 4])
  expect(await consumer.parked()).toEqual([])
  await tell(source.database, ACME, [changed('bad', 5)])
  await until(async () => (await ofAcme('bad')).length === 5)
  await expect(consumer.replayParked(parked[0]!.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

it('keeps no personal data in the reason, whatever the error says', async () => {
  await using source = await startSource()
  await using feed = await serveFeed(source)
  await using target = await startTarget()
  await asSuperuser(
    target,
    `create table insights.people (email text constraint one_per_email primary key); grant insert on insights.people to insights_app;
     insert into insights.people values ('${CANARY}')`,
  )
  const { log, lines } = recordingLog()
  await using consumer = follow(target, feed.url, {
    log,
    apply: async (tx) => {
      await sql`insert into insights.people values (${CANARY})`.execute(over(tx))
    },
  })
  await tell(source.database, ACME, [changed('a', 1)])
  await until(() => consumer.position() === 1)
  expect((await consumer.parked()).map(({ reason }) => reason)).toEqual(['SQL_23505:one_per_email'])
  expect(JSON.stringify(lines)).not.toContain(CANARY)
})

it('tries again later what says so, without holding up other organisations, and parks it in the end', async () => {
  await using source = await startSource()
  await using feed = await serveFeed(source)
  await using target = await startTarget()
  let refusals = 0
  await tell(source.database, ACME, [changed('before', 1), changed('soon', 2), changed('after', 3)])
  await tell(source.database, BIG, [changed('other', 4)])
  // It gets all of them in one piece: whose turn comes when is not up to how they arrive.
  await until(async () => (await source.log.bounds()).head === 4)
  await using consumer = follow(target, feed.url, {
    apply: async (tx, orgId, events) => {
      const stuck = events.some(({ key }) => key === 'for ever')
      const soon = events.some(({ key }) => key === 'soon') && refusals < 3
      if (stuck || soon) {
        refusals++
        throw Busy.with()
      }
      await leaveRows(tx, orgId, events)
    },
  })
  await until(() => consumer.position() === 4)
  expect(await consumer.parked()).toEqual([])
  const effects = await target.effects()
  expect(effects.map(({ n }) => n).sort()).toEqual([1, 2, 3, 4])
  expect(effects.findIndex(({ n }) => n === 4)).toBeLessThan(effects.findIndex(({ n }) => n === 2))
  await tell(source.database, ACME, [changed('for ever', 5), changed('after', 6)])
  await until(() => consumer.position() === 6)
  expect((await consumer.parked()).map(({ reason }) => reason)).toEqual(['TEST_BUSY'])
  expect((await target.effects()).map(({ n }) => n)).toContain(6)
})

it('hides parked events and marks of one organisation from another', async () => {
  await using source = await startSource()
  await using feed = await serveFeed(source)
  await using target = await startTarget()
  await using consumer = follow(target, feed.url, {
    apply: async () => {
      throw new TypeError('never')
    },
  })
  await tell(source.database, ACME, [changed('a', 1)])
  await until(() => consumer.position() === 1)
  const seen = (org: string) =>
    target.database.read(org, async (tx) => {
      const { rows } = await sql<{ n: number }>`
        select (select count(*) from events.parked) + (select count(*) from events.marks) as n`.execute(tx)
      return rows[0]!.n
    })
  expect([await seen(ACME), await seen(BIG)]).toEqual([2, 0])
})
