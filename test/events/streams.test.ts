import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPublisher } from '#events/publisher.ts'
import { moveBatch } from '#events/sequencer.ts'
import { readStream } from '#events/stream-reader.ts'
import { silentLog } from '#test/kit/log.ts'
import { connectNats, type NatsServer, noNats, startNatsServer } from '#test/kit/nats.ts'
import { until } from '#test/kit/until.ts'
import { follow, serveFeed, startTarget, type Target } from './follower.ts'
import { startChild } from './process.ts'
import { SHARED_SECRET } from './rows.ts'
import { ACME, asSuperuser, BIG, changed, pause, type Source, startSource, tell } from './source.ts'

const ns = async (target: Target) => (await target.effects()).map(({ n }) => n)
const oneTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1)

describe.skipIf(noNats)('a log that is copied to NATS', () => {
  let server: NatsServer
  beforeAll(async () => {
    server = await startNatsServer()
  })
  afterAll(() => server[Symbol.asyncDispose]())

  /** What an operator of the server sees of it. */
  const looking = async <T>(look: (connection: NatsConnection) => Promise<T>): Promise<T> => {
    const { host, username, password } = new URL(server.url)
    const connection = await connect({ servers: host, user: username, pass: password })
    try {
      return await look(connection)
    } finally {
      await connection.close()
    }
  }
  const messagesOf = ({ prefix }: Pick<Source, 'prefix'>) =>
    looking(async (connection) => {
      const { streams } = await jetstreamManager(connection)
      const { state } = await streams.info(`${prefix}source`)
      const all = []
      for (let seq = state.first_seq; seq <= state.last_seq; seq++) {
        const message = await streams.getMessage(`${prefix}source`, { seq })
        if (message) all.push(message)
      }
      return all
    })
  const rangesOf = async (source: Pick<Source, 'prefix'>) =>
    (await messagesOf(source)).map(({ header }) => [
      Number(header.get('Tributary-From')),
      Number(header.get('Tributary-To')),
    ])
  /** Follows until it does so by the stream. */
  const following = async (source: Source, target: Target, url: string, options: object = {}) => {
    const consumer = follow(target, url, { nats: source.nats, ...options })
    await until(() => consumer.way() === 'stream')
    return consumer
  }

  it('is followed by the stream alone while its own process does not answer', async () => {
    await using source = await startSource({ server })
    await using target = await startTarget()
    const feed = await serveFeed(source)
    await using consumer = await following(source, target, feed.url)
    await feed[Symbol.asyncDispose]()
    for (const n of [1, 2, 3]) await tell(source.database, ACME, [changed('a', n)])
    await until(() => consumer.position() === 3)
    expect(await ns(target)).toEqual([1, 2, 3])
    expect(consumer.way()).toBe('stream')
  })

  it('can be left at any moment, also while the server is still being asked', async () => {
    await using source = await startSource({ server })
    const following = { nats: source.nats!, source: 'source' }
    for (const afterMs of [0, 1, 2, 5, 10, 20]) {
      const left = new AbortController()
      const stream = readStream(following, { place: { position: 0 }, sequence: 1, signal: left.signal })
      const first = stream.next()
      if (afterMs > 0) await pause(afterMs)
      left.abort()
      await first
      expect(await stream.next()).toEqual({ done: true, value: undefined })
    }
  })

  it('goes on exactly where it was when whoever copies is killed again and again', async () => {
    await using source = await startSource({ server, sequencer: false, publisher: false })
    const nats = { url: server.url, prefix: source.prefix }
    const perRound = 300
    for (let round = 0; round < 4; round++) {
      await using child = startChild({ does: 'publish', urls: source.urls, nats })
      await child.said('started')
      for (let n = 0; n < perRound; n += 10)
        for (const org of [ACME, BIG])
          await tell(
            source.database,
            org,
            Array.from({ length: 10 }, (_, i) => changed(`k${i}`, round * perRound + n + i + 1)),
          )
      await pause(Math.random() * 150)
      await child.kill()
    }
    await using target = await startTarget()
    await using _child = startChild({ does: 'publish', urls: source.urls, nats })
    const total = 2 * 4 * perRound
    // In the stream each event is once, after the one before it.
    await until(async () => (await rangesOf(source)).at(-1)?.[1] === total)
    let next = (await rangesOf(source))[0]![0]!
    for (const [from, to] of await rangesOf(source)) {
      expect(from).toBe(next)
      next = to! + 1
    }
    await using feed = await serveFeed(source)
    await using consumer = follow(target, feed.url, { nats: source.nats })
    await until(() => consumer.position() === total)
    const effects = await target.effects()
    for (const mine of [ACME, BIG])
      expect(effects.filter(({ org }) => org === mine).map(({ n }) => n)).toEqual(oneTo(4 * perRound))
  })

  it('loses nothing when NATS goes away and when it comes back with nothing', async () => {
    await using own = await startNatsServer()
    await using source = await startSource({ server: own })
    await using target = await startTarget()
    await using feed = await serveFeed(source)
    await using consumer = await following(source, target, feed.url)
    await tell(source.database, ACME, [changed('a', 1)])
    await until(() => consumer.position() === 1)
    await own.kill()
    await tell(source.database, ACME, [changed('a', 2)])
    await until(() => consumer.position() === 2)
    expect(consumer.way()).toBe('feed')
    await own.start()
    await until(() => consumer.way() === 'stream')
    await tell(source.database, ACME, [changed('a', 3)])
    await until(() => consumer.position() === 3)
    await own.kill()
    await own.wipe()
    await tell(source.database, ACME, [changed('a', 4)])
    await own.start()
    await until(() => consumer.way() === 'stream' && consumer.position() === 4)
    await tell(source.database, ACME, [changed('a', 5)])
    await until(() => consumer.position() === 5)
    expect(await ns(target)).toEqual(oneTo(5))
  })

  it('has what the stream no longer keeps, and what no message can hold, from the feed', async () => {
    await using source = await startSource({ server })
    await using target = await startTarget()
    await using feed = await serveFeed(source)
    {
      await using consumer = await following(source, target, feed.url)
      await tell(source.database, ACME, [changed('a', 1)])
      await until(() => consumer.position() === 1)
    }
    for (const n of [2, 3, 4]) await tell(source.database, ACME, [changed('a', n)])
    await until(async () => (await rangesOf(source)).at(-1)?.[1] === 4)
    await looking(async (connection) => {
      const { streams } = await jetstreamManager(connection)
      await streams.purge(`${source.prefix}source`, { keep: 1 })
    })
    await using consumer = await following(source, target, feed.url)
    await until(() => consumer.position() === 4)
    const large = { ...changed('a', 5), payload: { n: 5, text: 'x'.repeat(1_200_000) } }
    await tell(source.database, ACME, [large])
    await tell(source.database, ACME, [changed('a', 6)])
    await until(() => consumer.position() === 6)
    expect(await ns(target)).toEqual(oneTo(6))
    const ranges = await rangesOf(source)
    expect(ranges.at(-1)).toEqual([6, 6])
  })

  it('gives up what was copied of a log that was put back, and so do those who follow', async () => {
    await using source = await startSource({ server })
    await using target = await startTarget()
    await using feed = await serveFeed(source)
    await using consumer = await following(source, target, feed.url)
    for (let n = 1; n <= 4; n++) await tell(source.database, ACME, [changed('a', n)])
    await until(() => consumer.position() === 4)
    await asSuperuser(
      source,
      `delete from events.recorded where batch in (select id from events.batches where last_pos > 2);
       delete from events.batches where last_pos > 2; update events.head set pos = 2`,
    )
    for (let n = 13; n <= 16; n++) await tell(source.database, ACME, [changed('a', n)])
    await until(() => consumer.position() === 6)
    await until(async () => (await rangesOf(source)).at(-1)?.[1] === 6)
    expect((await rangesOf(source)).every(([from]) => from! > 2)).toBe(true)
    const applied = await ns(target)
    await tell(source.database, ACME, [changed('a', 17)])
    await until(() => consumer.position() === 7)
    // Without a snapshot of state all that the log has is told anew: what came after the fourth of another log is in it.
    for (const n of [13, 14, 15, 16, 17]) expect([...applied, 17]).toContain(n)
    expect((await ns(target)).at(-1)).toBe(17)
  })

  it('is followed by the feed when nobody copies it any more', async () => {
    await using source = await startSource({ server, publisher: false })
    await using target = await startTarget()
    await using feed = await serveFeed(source)
    const publisher = startPublisher({
      nats: source.nats!,
      eventLog: source.log,
      source: 'source',
      log: silentLog,
    })
    await using consumer = await following(source, target, feed.url, { quietMs: 200 })
    await publisher[Symbol.asyncDispose]()
    await tell(source.database, ACME, [changed('a', 1)])
    await until(() => consumer.position() === 1)
    expect(await ns(target)).toEqual([1])
  })

  it('is copied by one process at a time, and by the next when that one ends', async () => {
    await using source = await startSource({ server, sequencer: false })
    const options = { eventLog: source.log, source: 'source', log: silentLog }
    await using _second = startPublisher({ ...options, nats: source.nats! })
    await using _third = startPublisher({ ...options, nats: source.nats! })
    for (let n = 1; n <= 20; n++) {
      await tell(source.database, n % 2 ? ACME : BIG, [changed('a', n)])
      await moveBatch({ database: source.database, log: silentLog, clock: source.clock })
    }
    await until(async () => (await rangesOf(source)).at(-1)?.[1] === 20)
    const held = (await rangesOf(source)).filter(([from, to]) => to! >= from!)
    expect(held.map(([from]) => from).every((from, i) => i === 0 || from === held[i - 1]![1]! + 1)).toBe(true)
  })

  it('shows nothing of its events to who runs the server, keeps organisations apart, and takes nothing that is forged', async () => {
    await using source = await startSource({ server })
    await using target = await startTarget()
    await using feed = await serveFeed(source)
    await using consumer = await following(source, target, feed.url)
    await tell(source.database, ACME, [
      { ...changed('secretkey', 1), payload: { n: 1, told: 'behind the seal' } },
    ])
    await tell(source.database, BIG, [changed('z', 2)])
    await until(() => consumer.position() === 2)
    const messages = (await messagesOf(source)).filter(({ subject }) => !subject.endsWith('.none'))
    expect(messages.map(({ subject }) => subject)).toEqual(
      [ACME, BIG].map((org) => `${source.prefix}source.${org}`),
    )
    for (const message of messages) expect(message.string()).not.toMatch(/secretkey|behind the seal|"n"/)
    // Another hub's secret opens nothing; nor is a message of one organisation taken for another's.
    const last = messages.at(-1)!
    await using stranger = connectNats(server, 'another secret altogether', source.prefix)
    const forged = [stranger.vault.seal('{"pos":3}\n', 'anything'), messages[0]!.string()]
    await looking(async (connection) => {
      for (const body of forged) {
        const header = withHeaders(last.header, { 'Tributary-From': '3', 'Tributary-To': '3' })
        header.set('Tributary-Follows', last.header.get('Tributary-Stamp'))
        await jetstream(connection).publish(`${source.prefix}source.${ACME}`, body, { headers: header })
      }
    })
    await tell(source.database, ACME, [changed('a', 3)])
    await until(() => consumer.position() === 3)
    expect(await ns(target)).toEqual([1, 2, 3])
    // Whoever copies finds that the stream ends with what it has not written, and begins anew.
    await until(async () => (await rangesOf(source)).at(-1)?.[1] === 3)
    await tell(source.database, ACME, [changed('a', 4)])
    await until(() => consumer.position() === 4)
    expect(await ns(target)).toEqual([1, 2, 3, 4])
  })

  it('does not let in who has no password', async () => {
    const { host } = new URL(server.url)
    await using source = await startSource()
    await using target = await startTarget()
    await using feed = await serveFeed(source)
    await using nats = connectNats({ url: `nats://${host}` }, SHARED_SECRET)
    await using consumer = follow(target, feed.url, { nats })
    await tell(source.database, ACME, [changed('a', 1)])
    await until(() => consumer.position() === 1)
    expect(nats.session).toBeUndefined()
  })
})

const withHeaders = (from: MsgHdrs, changes: Record<string, string>) => {
  for (const [name, value] of Object.entries(changes)) from.set(name, value)
  return from
}
