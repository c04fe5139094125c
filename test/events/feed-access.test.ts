import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { expect, it } from 'vitest'
import { readFeed, readSnapshot } from '#events/feed-client.ts'
import { systemClock, TestClock } from '#kernel/clock.ts'
import { PRINCIPAL_HEADER, type Principal, principalSeal } from '#kernel/principal.ts'
import { until } from '#test/kit/until.ts'
import { seal, serveFeed } from './follower.ts'
import { SHARED_SECRET } from './rows.ts'
import { ACME, asSuperuser, changed, startSource, tell } from './source.ts'

const system: Principal = { kind: 'system', id: 'system:test', orgId: null, scopes: [] }

const ask = async (url: string, token?: string) => {
  const response = await fetch(url, {
    headers: token ? { [PRINCIPAL_HEADER]: token } : {},
    signal: AbortSignal.timeout(30_000),
  })
  const { status } = response
  const body =
    status === 200 ? undefined : ((await response.json()) as { error: { code: string; oldest?: number } })
  if (status === 200) await response.body?.cancel()
  return { status, error: body?.error }
}

it('fault 61: refuses whoever is not a process of the hub, on every route', async () => {
  await using source = await startSource()
  await using feed = await serveFeed(source)
  const forged = await principalSeal('another secret altogether', systemClock).sign(system)
  const stale = await principalSeal(SHARED_SECRET, new TestClock('2020-01-01')).sign(system)
  const user = await seal.sign({ kind: 'user', id: 'system:me', orgId: ACME, scopes: ['*'] })
  const nameless = await seal.sign({ ...system, id: 'somebody' })
  for (const route of ['/feed', '/feed/snapshot', `/feed/page?after=0&until=1&org=${ACME}&limit=1`]) {
    for (const token of [undefined, 'nonsense', forged, stale])
      expect(await ask(`${feed.url}${route}`, token)).toMatchObject({
        status: 401,
        error: { code: 'UNAUTHENTICATED' },
      })
    for (const token of [user, nameless])
      expect(await ask(`${feed.url}${route}`, token)).toMatchObject({
        status: 403,
        error: { code: 'FORBIDDEN' },
      })
    expect((await ask(`${feed.url}${route}`, await seal.sign(system))).status).toBe(200)
  }
})

it('answers 410 with the oldest position to a reader behind what is kept, and 400 to nonsense', async () => {
  await using source = await startSource()
  await using feed = await serveFeed(source)
  await asSuperuser(source, 'update events.head set pos = 50, oldest = 41')
  const token = await seal.sign(system)
  expect(await ask(`${feed.url}/feed?after=39`, token)).toMatchObject({
    status: 410,
    error: { code: 'CURSOR_EXPIRED', oldest: 41 },
  })
  expect((await ask(`${feed.url}/feed?after=40`, token)).status).toBe(200)
  for (const query of ['after=-1', 'after=x', 'after=1.5'])
    expect(await ask(`${feed.url}/feed?${query}`, token)).toMatchObject({
      status: 400,
      error: { code: 'BAD_INPUT' },
    })
})

it('shows that it is alive while nothing happens, and lets its server close at once', async () => {
  await using source = await startSource()
  const feed = await serveFeed(source, { heartbeatMs: 50 })
  await using other = await serveFeed(source, { heartbeatMs: 50 })
  const read = (url: string) =>
    readFeed(
      { url, source: 'test', reader: 'test', seal, silenceMs: 2000 },
      { after: 0, names: [], signal: AbortSignal.timeout(20_000) },
    )
  const reading = read(feed.url)
  let elsewhere = 0
  const counting = (async () => {
    for await (const _ of read(other.url)) elsewhere += 1
  })()
  counting.catch(() => undefined)
  const from = performance.now()
  // For longer than a reader would bear silence.
  while (performance.now() - from < 2200)
    expect((await reading.next()).value).toEqual({ events: [], position: 0 })
  await until(() => elsewhere > 0)
  const rest = reading.next()
  rest.catch(() => undefined)
  const before = elsewhere
  await feed[Symbol.asyncDispose]()
  // At once is before another that lives on has shown it five times; signs come every 50 ms, of both.
  expect(elsewhere - before).toBeLessThan(5)
  await expect(rest).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE' })
})

it('takes no standing still of its own for the silence of its source', async () => {
  await using source = await startSource()
  await using feed = await serveFeed(source, { heartbeatMs: 50 })
  const reading = readFeed(
    { url: feed.url, source: 'test', reader: 'test', seal, silenceMs: 500 },
    { after: 0, names: [], signal: AbortSignal.timeout(20_000) },
  )
  expect((await reading.next()).done).toBe(false)
  // As a machine does that stops for a while: for longer than a reader would bear silence.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600)
  expect((await reading.next()).done).toBe(false)
})

it('notices a source that went silent without a word', async () => {
  await using source = await startSource()
  await using feed = await serveFeed(source, { heartbeatMs: 60_000 })
  const reading = readFeed(
    { url: feed.url, source: 'test', reader: 'test', seal, silenceMs: 200 },
    {
      after: 0,
      names: [],
      signal: AbortSignal.timeout(20_000),
    },
  )
  await expect(reading.next()).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE' })
})

it('holds back for a reader that does not take what it is sent, instead of piling it up', async () => {
  await using source = await startSource()
  await using feed = await serveFeed(source)
  const big = 'x'.repeat(20_000)
  for (let i = 0; i < 30; i++)
    await tell(
      source.database,
      ACME,
      Array.from({ length: 50 }, (_, n) => ({ ...changed('a', n), payload: { big } })),
    )
  await until(async () => (await source.log.bounds()).head === 1500)
  const sockets: Socket[] = []
  feed.app.server.on('connection', (socket: Socket) => sockets.push(socket))
  const headers = { [PRINCIPAL_HEADER]: await seal.sign(system) }
  const asked = request(`${feed.url}/feed?after=0`, { agent: false, headers })
  const responded = once(asked, 'response')
  asked.end()
  const [response] = (await responded) as [IncomingMessage]
  response.pause()
  const sent = () => sockets[0]!.bytesWritten + sockets[0]!.writableLength
  let before = 0
  await until(
    () => {
      const isSteady = sent() === before && before > 0
      before = sent()
      return isSteady
    },
    { everyMs: 300 },
  )
  // 30 MB are waiting; what is under way is what the sockets hold, and one write.
  expect(sockets[0]!.writableLength).toBeLessThan(6_000_000)
  expect(sent()).toBeLessThan(20_000_000)
  response.resume()
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  await until(() => bytes > 30_000_000)
  response.on('error', () => undefined)
  asked.destroy()
})

it('takes a snapshot that ends without its last line for one that broke off', async () => {
  await using server = createServer((_, response) => response.end('{"position":5}\n'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const half = { url: `http://127.0.0.1:${port}`, source: 'test', reader: 'test', seal }
  const read = async () => {
    for await (const _ of readSnapshot(half, [], AbortSignal.timeout(30_000)));
  }
  await expect(read()).rejects.toMatchObject({ code: 'HUB_UNAVAILABLE' })
})
