import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { openDatabase } from '#db/client.ts'
import { silentLog } from '#test/kit/log.ts'
import { testServer } from '#test/kit/postgres.ts'
import { stopwatch } from '#test/kit/stopwatch.ts'
import { until } from '#test/kit/until.ts'
import { tcpProxy } from './proxy.ts'
import { type Trial, trial } from './trial.ts'

const notify = (t: Trial, channel = 'news') =>
  t.database.relay((tx) => sql`select pg_notify(${channel}, '')`.execute(tx))

it('wakes whoever listens to the channel, and nobody else', async () => {
  await using t = await trial()
  const heard = { first: 0, second: 0, other: 0 }
  await using _first = t.database.listen('news', () => heard.first++)
  await using _second = t.database.listen('news', () => heard.second++)
  await using _other = t.database.listen('other', () => heard.other++)
  // Everybody is woken once when the connection is there.
  await until(() => heard.first > 0 && heard.second > 0 && heard.other > 0)
  const before = { ...heard }
  await notify(t)
  await until(() => heard.first > before.first && heard.second > before.second)
  expect(heard.other).toBe(before.other)
})

it('stops waking who has stopped listening', async () => {
  await using t = await trial()
  let heard = 0
  let others = 0
  const subscription = t.database.listen('news', () => heard++)
  await using _others = t.database.listen('news', () => others++)
  await until(() => heard > 0 && others > 0)
  await subscription[Symbol.asyncDispose]()
  const before = { heard, others }
  await notify(t)
  await until(() => others > before.others)
  expect(heard).toBe(before.heard)
})

it('goes on after a listener threw', async () => {
  await using t = await trial()
  let heard = 0
  await using _bad = t.database.listen('news', () => {
    throw new Error('bad listener')
  })
  await using _good = t.database.listen('news', () => heard++)
  await until(() => heard > 0)
  const before = heard
  await notify(t)
  await until(() => heard > before)
})

it('fault 4: listens again after a restart of PostgreSQL, and wakes for what was missed meanwhile', async () => {
  await using server = await testServer()
  await using t = await trial({ server: server.url })
  let heard = 0
  await using _news = t.database.listen('news', () => heard++)
  await until(() => heard > 0)
  const before = heard
  await server.restart('immediate')
  await until(() => heard > before)
  const again = heard
  await notify(t)
  await until(() => heard > again)
})

it('fault 5: a half-open connection is noticed within 15 s and replaced', async () => {
  await using t = await trial()
  await using proxy = await tcpProxy(t.urls.relay)
  await using database = openDatabase({ ...t.urls, relay: proxy.through(t.urls.relay) }, { log: silentLog })
  let heard = 0
  await using _news = database.listen('news', () => heard++)
  await until(() => heard > 0)
  const before = heard
  proxy.freeze()
  using since = stopwatch()
  await notify(t)
  // The notification went into the void. A new connection wakes us without it.
  await until(() => heard > before)
  expect(since.ms()).toBeLessThan(15_000)
  expect(proxy.connections).toBe(2)
  await notify(t)
  await until(() => heard > before + 1)
})

it('lets go at once of a connection that nobody answers on', async () => {
  await using t = await trial()
  await using proxy = await tcpProxy(t.urls.relay)
  const database = openDatabase({ ...t.urls, relay: proxy.through(t.urls.relay) }, { log: silentLog })
  let heard = 0
  database.listen('news', () => heard++)
  await until(() => heard > 0)
  proxy.freeze()
  using since = stopwatch()
  await database[Symbol.asyncDispose]()
  expect(since.ms()).toBeLessThan(2000)
})
