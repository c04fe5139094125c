import { describe, expect, it } from 'vitest'
import { until } from '#test/kit/until.ts'
import { follow, serveFeed, startTarget } from './follower.ts'
import { startChild } from './process.ts'
import { ACME, BIG, changed, pause, type Source, startSource, tell } from './source.ts'
import { natsFor, WAYS } from './ways.ts'

/** What a process of its own has to know to follow by the same way. */
const natsOf = ({ nats, prefix }: Source, server?: { url: string }) =>
  nats && server && { url: server.url, prefix }

describe.each(WAYS)('by %s', (way) => {
  const server = natsFor(way)

  it('fault 1: a consumer killed between effect and commit leaves each effect once', async () => {
    await using source = await startSource({ server: server() })
    await using feed = await serveFeed(source)
    await using target = await startTarget()
    await tell(source.database, ACME, [changed('a', 1), changed('a', 2), changed('b', 3)])
    await using child = startChild({
      does: 'follow',
      urls: target.urls,
      feed: feed.url,
      nats: natsOf(source, server()),
      hangsAfter: 3,
    })
    await child.said('applied')
    expect(await target.effects()).toEqual([])
    await child.kill()
    await using consumer = follow(target, feed.url, { nats: source.nats })
    await until(() => consumer.position() === 3)
    expect((await target.effects()).map(({ n }) => n)).toEqual([1, 2, 3])
  })

  it('fault 1: consumers killed at random points, again and again, leave each effect once and in order', async () => {
    await using source = await startSource({ server: server() })
    await using feed = await serveFeed(source)
    await using target = await startTarget()
    const rounds = 5
    const perRound = 600
    const write = async (round: number) => {
      for (let n = round * perRound + 1; n <= (round + 1) * perRound; n += 50)
        for (const org of [ACME, BIG]) {
          const events = Array.from({ length: 50 }, (_, i) => changed(`k${(n + i) % 7}`, n + i))
          await tell(source.database, org, events)
        }
    }
    for (let round = 0; round < rounds; round++) {
      await using child = startChild({
        does: 'follow',
        urls: target.urls,
        feed: feed.url,
        nats: natsOf(source, server()),
        batch: 20,
      })
      await child.said('started')
      const writing = write(round)
      await child.said('applied')
      await pause(Math.random() * 60)
      await child.kill()
      await writing
    }
    const total = rounds * perRound
    await using consumer = follow(target, feed.url, { nats: source.nats })
    await until(() => consumer.position() === 2 * total)
    const effects = await target.effects()
    for (const org of [ACME, BIG])
      expect(effects.filter((effect) => effect.org === org).map(({ n }) => n)).toEqual(
        Array.from({ length: total }, (_, i) => i + 1),
      )
  })
})
