import { describe, expect, it } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { recordingLog, silentLog } from '#test/kit/log.ts'
import { freePorts } from '#test/kit/processes.ts'
import { until } from '#test/kit/until.ts'
import { follow, serveFeed, startTarget } from './follower.ts'
import { leaveRows } from './rows.ts'
import { ACME, asSuperuser, BIG, changed, startSource, tell } from './source.ts'
import { natsFor, WAYS } from './ways.ts'

const cursorOf = async (target: { adminUrl: string }) =>
  (await asSuperuser<{ pos: number }>(target, 'select pos::int from events.cursors'))[0]?.pos

it('tells once of a source that stays away, however often it was tried, and again only after it was back', async () => {
  await using source = await startSource()
  await using target = await startTarget()
  const { log, lines } = recordingLog()
  const told = () => lines.filter(({ msg }) => msg === 'the feed broke off').map(({ level }) => level)
  const warnings = () => told().filter((level) => level === 40).length
  /** The source goes away, and is tried again after it was told of. */
  const away = async (feed: AsyncDisposable) => {
    const before = warnings()
    await feed[Symbol.asyncDispose]()
    await until(() => warnings() === before + 1)
    const tries = told().length
    await until(() => told().length > tries)
    return told()
  }
  const first = await serveFeed(source, { port: await freePorts(1) })
  await using consumer = follow(target, first.url, { log, longAwayMs: 200 })
  await tell(source.database, ACME, [changed('a', 1)])
  await until(() => consumer.position() === 1)
  const levels = await away(first)
  expect([levels[0], levels.filter((level) => level === 40)]).toEqual([30, [40]])
  const again = await serveFeed(source, { port: first.port })
  await tell(source.database, ACME, [changed('a', 2)])
  await until(() => consumer.position() === 2)
  expect(warnings()).toBe(1)
  expect((await away(again)).filter((level) => level === 40)).toEqual([40, 40])
})

describe.each(WAYS)('by %s', (way) => {
  const server = natsFor(way)

  it('applies what was said before and what is said from now on, once and in order', async () => {
    await using source = await startSource({ server: server() })
    await using feed = await serveFeed(source)
    await using target = await startTarget()
    await tell(source.database, ACME, [changed('a', 1), changed('b', 2)])
    await using consumer = follow(target, feed.url, { nats: source.nats })
    await until(() => consumer.position() === 2)
    await tell(source.database, ACME, [changed('a', 3)])
    await tell(source.database, BIG, [changed('z', 4)])
    await until(() => consumer.position() === 4)
    const effects = await target.effects()
    expect(effects.filter(({ org }) => org === ACME).map(({ n }) => n)).toEqual([1, 2, 3])
    expect(effects.filter(({ org }) => org === BIG).map(({ n }) => n)).toEqual([4])
  })

  it('goes on where it was after a restart, and keeps its cursor moving when nothing concerns it', async () => {
    await using source = await startSource({ server: server() })
    await using feed = await serveFeed(source)
    await using target = await startTarget()
    {
      await using consumer = follow(target, feed.url, { nats: source.nats, names: ['test.rare'] })
      await until(() => consumer.leads())
      await tell(source.database, ACME, [
        changed('a', 1, 'test.rare'),
        ...Array.from({ length: 30 }, (_, i) => changed('b', i)),
      ])
      await until(() => consumer.position() === 31)
      await until(async () => (await cursorOf(target)) === 31)
    }
    await tell(source.database, ACME, [changed('a', 2, 'test.rare')])
    await using consumer = follow(target, feed.url, { nats: source.nats, names: ['test.rare'] })
    await until(() => consumer.position() === 32)
    expect((await target.effects()).map(({ n }) => n)).toEqual([1, 2])
  })

  it('waits for a source that is down, and connects again when it comes back', async () => {
    await using source = await startSource({ server: server() })
    await using target = await startTarget()
    const first = await serveFeed(source, { port: await freePorts(1) })
    await using consumer = follow(target, first.url, { nats: source.nats })
    await tell(source.database, ACME, [changed('a', 1)])
    await until(() => consumer.position() === 1)
    await first[Symbol.asyncDispose]()
    await tell(source.database, ACME, [changed('a', 2)])
    await using _again = await serveFeed(source, { port: first.port })
    await until(() => consumer.position() === 2)
    expect((await target.effects()).map(({ n }) => n)).toEqual([1, 2])
  })

  it('is active in one process at a time, and another takes over when that one ends', async () => {
    await using source = await startSource({ server: server() })
    await using feed = await serveFeed(source)
    await using target = await startTarget()
    await using other = openDatabase<Record<string, never>>(target.urls, { log: silentLog })
    const calls: string[] = []
    const applyAs = (who: string) => (tx: object, org: string, events: Parameters<typeof leaveRows>[2]) => {
      calls.push(who)
      return leaveRows(tx, org, events)
    }
    const first = follow(target, feed.url, { nats: source.nats, apply: applyAs('first') })
    await until(() => first.leads())
    await using second = follow({ database: other }, feed.url, {
      nats: source.nats,
      apply: applyAs('second'),
    })
    await using twin = follow(target, feed.url, { nats: source.nats, apply: applyAs('twin') })
    await tell(source.database, ACME, [changed('a', 1)])
    await until(() => first.position() === 1)
    expect([second.leads(), twin.leads()]).toEqual([false, false])
    await first[Symbol.asyncDispose]()
    await until(() => second.leads() || twin.leads())
    expect(second.leads() && twin.leads()).toBe(false)
    await tell(source.database, ACME, [changed('a', 2)])
    await until(async () => (await target.effects()).length === 2)
    expect(new Set(calls).size).toBe(2)
  })

  it('takes over when the session that holds its lock is cut, and applies nothing twice', async () => {
    await using source = await startSource({ server: server() })
    await using feed = await serveFeed(source)
    await using target = await startTarget()
    await using consumer = follow(target, feed.url, { nats: source.nats })
    await tell(source.database, ACME, [changed('a', 1)])
    await until(() => consumer.position() === 1)
    for (let n = 2; n <= 4; n++) {
      await asSuperuser(
        target,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()`,
        [target.name],
      )
      await tell(source.database, ACME, [changed('a', n)])
    }
    await until(async () => (await target.effects()).length === 4)
    await until(() => consumer.position() === 4)
    expect((await target.effects()).map(({ n }) => n)).toEqual([1, 2, 3, 4])
  })
})
