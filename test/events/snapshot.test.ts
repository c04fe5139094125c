import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { over } from '#db/client.ts'
import type { Snapshot } from '#events/feed.ts'
import { publish } from '#events/outbox.ts'
import { prune } from '#events/retention.ts'
import { TestClock } from '#kernel/clock.ts'
import { until } from '#test/kit/until.ts'
import { follow, serveFeed, startTarget } from './follower.ts'
import { ACME, asSuperuser, BIG, changed, type Source, startSource, tell } from './source.ts'
import { natsFor, WAYS } from './ways.ts'

const withThings = (source: Source) =>
  asSuperuser(
    source,
    `create table customers.things (org_id uuid, key text, n integer, primary key (org_id, key));
     alter table customers.things enable row level security;
     create policy p on customers.things to customers_app
       using (org_id = nullif(current_setting('hub.org_id', true), '')::uuid);
     grant select, insert, update on customers.things to customers_app`,
  )

const set = (source: Source, orgId: string, key: string, n: number) =>
  source.database.transaction(orgId, async (tx) => {
    await sql`insert into customers.things values (${orgId}, ${key}, ${n})
      on conflict (org_id, key) do update set n = excluded.n`.execute(over(tx))
    await publish(tx, orgId, [changed(key, n)], source.clock.now())
  })

const things: Snapshot = async function* (tx) {
  const { rows } = await sql<{
    key: string
    n: number
  }>`select key, n from customers.things order by key`.execute(over(tx))
  for (const { key, n } of rows) yield { ...changed(key, n), occurredAt: new Date(0) }
}

const newest = (effects: { org: string; key: string; n: number }[]) =>
  Object.fromEntries(effects.map(({ org, key, n }) => [`${org === ACME ? 'acme' : 'big'} ${key}`, n]))

describe.each(WAYS)('by %s', (way) => {
  const server = natsFor(way)

  it('starts a new follower from the state of every organisation, then lets it follow', async () => {
    await using source = await startSource({ server: server() })
    await withThings(source)
    await using feed = await serveFeed(source, { snapshot: things })
    await using target = await startTarget()
    for (const n of [1, 2, 3]) await set(source, ACME, 'a', n)
    await set(source, BIG, 'b', 7)
    await until(async () => (await source.log.bounds()).head === 4)
    await using consumer = follow(target, feed.url, { nats: source.nats })
    await until(() => consumer.position() === 4)
    expect((await target.effects()).map(({ key, n, pos }) => ({ key, n, pos }))).toEqual([
      { key: 'a', n: 3, pos: 4 },
      { key: 'b', n: 7, pos: 4 },
    ])
    await set(source, ACME, 'a', 4)
    await until(() => consumer.position() === 5)
    expect(newest(await target.effects())).toEqual({ 'acme a': 4, 'big b': 7 })
  })

  it('reads the state of all organisations and its position at one instant, whatever is written meanwhile', async () => {
    await using source = await startSource({ server: server() })
    await withThings(source)
    await set(source, ACME, 'a', 1)
    await set(source, BIG, 'b', 1)
    await until(async () => (await source.log.bounds()).head === 2)
    await using feed = await serveFeed(source, {
      snapshot: async function* (tx, orgId) {
        yield* things(tx, orgId)
        if (orgId !== ACME) return
        await set(source, BIG, 'b', 2)
        await until(async () => (await source.log.bounds()).head === 3)
      },
    })
    await using target = await startTarget()
    await using consumer = follow(target, feed.url, { nats: source.nats })
    await until(() => consumer.position() === 3)
    expect((await target.effects()).map(({ key, n, pos }) => `${key}${n}@${pos}`)).toEqual([
      'a1@2',
      'b1@2',
      'b2@3',
    ])
  })

  it('brings a follower that begins to want more the state of that, and goes on with the rest where it was', async () => {
    await using source = await startSource({ server: server() })
    await using target = await startTarget()
    const state: Snapshot = async function* () {
      for (const name of ['test.old', 'test.new'])
        yield { ...changed('state', 0, name), occurredAt: new Date(0) }
    }
    await using feed = await serveFeed(source, { snapshot: state })
    const of = async (key: string) => (await target.effects()).filter((effect) => effect.key === key).length
    await tell(source.database, ACME, [changed('a', 1, 'test.old'), changed('b', 2, 'test.new')])
    await until(async () => (await source.log.bounds()).head === 2)
    {
      await using consumer = follow(target, feed.url, { nats: source.nats, names: ['test.old'] })
      await until(() => consumer.position() === 2)
      expect(await of('state')).toBe(1)
    }
    await tell(source.database, ACME, [changed('c', 3, 'test.old')])
    await until(async () => (await source.log.bounds()).head === 3)
    for (const names of [['test.old', 'test.new'], ['test.new'], ['test.new']]) {
      await using consumer = follow(target, feed.url, { nats: source.nats, names })
      await until(() => consumer.position() === 3)
      expect([await of('state'), await of('c')]).toEqual([2, 1])
    }
    await using consumer = follow(target, feed.url, { nats: source.nats, names: [] })
    await until(() => consumer.position() === 3)
    expect([await of('state'), await of('c')]).toEqual([4, 1])
  })

  it('forgets old events in bounded batches, and a follower behind them starts from the state again', async () => {
    const clock = new TestClock('2026-03-01T00:00:00Z')
    await using source = await startSource({ clock, server: server() })
    await withThings(source)
    await using target = await startTarget()
    await using feed = await serveFeed(source, { snapshot: things })
    {
      await using consumer = follow(target, feed.url, { nats: source.nats })
      await set(source, ACME, 'a', 1)
      await until(() => consumer.position() === 1)
    }
    for (let n = 2; n <= 30; n++) await set(source, ACME, 'a', n)
    await until(async () => (await source.log.bounds()).head === 30)
    clock.advance(3_600_000)
    await set(source, BIG, 'b', 1)
    await until(async () => (await source.log.bounds()).head === 31)
    const options = { database: source.database, clock, retentionMs: 1_800_000, batch: 7 }
    expect(await prune(options)).toBe(30)
    expect(await source.log.bounds()).toEqual({ oldest: 31, head: 31 })
    expect(await prune(options)).toBe(0)

    await using consumer = follow(target, feed.url, { nats: source.nats })
    await until(() => consumer.position() === 31)
    expect(newest(await target.effects())).toEqual({ 'acme a': 30, 'big b': 1 })
    await set(source, ACME, 'a', 31)
    await until(() => consumer.position() === 32)
    expect(newest(await target.effects())).toEqual({ 'acme a': 31, 'big b': 1 })
    clock.advance(3_600_000)
    expect(await prune(options)).toBe(2)
    expect(await source.log.bounds()).toEqual({ oldest: 33, head: 32 })
  })

  it('starts from the state again when the source was put back to an earlier day, and takes its new events', async () => {
    await using source = await startSource({ server: server() })
    await withThings(source)
    await using target = await startTarget()
    await using feed = await serveFeed(source, { snapshot: things })
    {
      await using consumer = follow(target, feed.url, { nats: source.nats })
      for (let n = 1; n <= 5; n++) await set(source, ACME, 'a', n)
      await until(() => consumer.position() === 5)
      await until(
        async () =>
          (await asSuperuser<{ pos: string }>(target, 'select pos from events.cursors'))[0]?.pos === '5',
      )
    }
    await asSuperuser(
      source,
      `delete from events.batches where last_pos > 2; update events.head set pos = 2; update customers.things set n = 2`,
    )
    await using consumer = follow(target, feed.url, { nats: source.nats })
    await until(() => consumer.position() === 2)
    await set(source, ACME, 'a', 100)
    await until(() => consumer.position() === 3)
    expect(newest(await target.effects())).toEqual({ 'acme a': 100 })
  })

  /** Puts a log back to where it was after a position, as a restored backup does. */
  const putBack = (source: Source, position: number) =>
    asSuperuser(
      source,
      `delete from events.recorded where batch in (select id from events.batches where last_pos > ${position});
     delete from events.batches where last_pos > ${position}; update events.head set pos = ${position};
     update customers.things set n = ${position}`,
    )

  it('fault 15: notices that the source was put back, although it has grown past what was known meanwhile', async () => {
    await using source = await startSource({ server: server() })
    await withThings(source)
    await using target = await startTarget()
    await using feed = await serveFeed(source, { snapshot: things })
    {
      await using consumer = follow(target, feed.url, { nats: source.nats })
      for (let n = 1; n <= 5; n++) await set(source, ACME, 'a', n)
      await until(() => consumer.position() === 5)
    }
    await putBack(source, 2)
    for (let n = 11; n <= 15; n++) await set(source, ACME, 'a', n)
    await set(source, BIG, 'b', 1)
    await until(async () => (await source.log.bounds()).head === 8)
    await using consumer = follow(target, feed.url, { nats: source.nats })
    await until(() => consumer.position() === 8)
    const effects = await target.effects()
    // The present state, and not what came after the fifth event of another log.
    const later = effects.filter(({ pos }) => pos > 5)
    expect(later.map(({ key, n, pos }) => `${key}${n}@${pos}`)).toEqual(['a15@8', 'b1@8'])
  })

  it('fault 15: notices it while it follows, and goes on from the state', async () => {
    await using source = await startSource({ server: server() })
    await withThings(source)
    await using target = await startTarget()
    await using feed = await serveFeed(source, { snapshot: things })
    await using consumer = follow(target, feed.url, { nats: source.nats })
    for (let n = 1; n <= 5; n++) await set(source, ACME, 'a', n)
    await until(() => consumer.position() === 5)
    await putBack(source, 2)
    for (let n = 11; n <= 15; n++) await set(source, ACME, 'a', n)
    await until(async () => newest(await target.effects())['acme a'] === 15)
    await until(() => consumer.position() === 7)
    await set(source, ACME, 'a', 16)
    await until(() => consumer.position() === 8)
    expect(newest(await target.effects())).toEqual({ 'acme a': 16 })
  })

  it('fault 15: what a place bore is known after retention has passed it', async () => {
    const clock = new TestClock('2026-03-01T00:00:00Z')
    await using source = await startSource({ clock, server: server() })
    for (let n = 1; n <= 3; n++) await tell(source.database, ACME, [changed('a', n)])
    await until(async () => (await source.log.bounds()).head === 3)
    const end = await source.log.place()
    clock.advance(3_600_000)
    expect(await prune({ database: source.database, clock, retentionMs: 1_800_000 })).toBe(3)
    expect(await source.log.place()).toEqual(end)
    await source.log.confirm(end)
    await expect(source.log.confirm({ position: 3, stamp: 'another' })).rejects.toMatchObject({
      code: 'CURSOR_EXPIRED',
    })
  })

  it('applies nothing of a snapshot that breaks off twice, and begins it anew', async () => {
    await using source = await startSource({ server: server() })
    await withThings(source)
    await set(source, ACME, 'a', 1)
    await until(async () => (await source.log.bounds()).head === 1)
    let broken = 0
    await using feed = await serveFeed(source, {
      snapshot: async function* (tx, orgId) {
        yield* things(tx, orgId)
        if (broken++ < 2) throw new Error('the database went away')
      },
    })
    await using target = await startTarget()
    await using consumer = follow(target, feed.url, { nats: source.nats })
    await until(() => consumer.position() === 1)
    expect(broken).toBe(3)
    expect(newest(await target.effects())).toEqual({ 'acme a': 1 })
    await tell(source.database, ACME, [changed('a', 2)])
    await until(() => consumer.position() === 2)
  })
})
