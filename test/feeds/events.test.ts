import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { PARTNER_EVENTS } from '#schema/events.ts'
import { cursorAt } from '#service/subscriptions.ts'
import { type Graph, openGateway, startGraph } from '#test/kit/gateway.ts'
import { revoked } from '#test/kit/graph.ts'
import { until } from '#test/kit/until.ts'

let ahead = 0
const clock = { now: () => new Date(systemClock.now().getTime() + ahead) }
let graph: Graph
beforeAll(async () => {
  graph = await startGraph({ clock, heartbeatMs: 50 })
})
afterAll(() => graph[Symbol.asyncDispose]())

interface Sent {
  id?: string
  event?: string
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever it was sent
  data: any
}

/** Reads a stream of events as a browser does. */
const listen = async (
  path: string,
  { token, last, url = graph.gateway.url }: { token?: string; last?: string; url?: string } = {},
) => {
  const over = new AbortController()
  const response = await fetch(`${url}${path}`, {
    headers: {
      accept: 'text/event-stream',
      authorization: `Bearer ${token ?? (await graph.token())}`,
      ...(last === undefined ? {} : { 'last-event-id': last }),
    },
    signal: over.signal,
  })
  const stream = { status: response.status, response, events: [] as Sent[], hasEnded: false, beats: 0 }
  const read = async () => {
    let rest = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        if (block === ':') stream.beats++
        const fields = Object.fromEntries(
          block
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        )
        if (fields.data) stream.events.push({ ...fields, data: JSON.parse(fields.data) })
      }
    }
  }
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  const reading = isStream
    ? read()
        .catch(() => undefined) // The test has ended it.
        .finally(() => {
          stream.hasEnded = true
        })
    : Promise.resolve()
  return Object.assign(stream, {
    [Symbol.asyncDispose]: async () => {
      over.abort()
      await reading
    },
  })
}
const runs = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ payload: { id: 'r1', done: from + i } }))
const standing = () => until(() => graph.gateway.upstreams() >= 1)
const gone = () => until(() => graph.gateway.upstreams() === 0)

it('sends a subscription’s events as server-sent events, and goes on behind the last one that a client has', async () => {
  const path = '/api/v2/events/SyncEvents'
  const before = (await graph.log.bounds()).head
  await using first = await listen(path)
  await standing()
  graph.log.publish(...runs(1, 3))
  await until(() => first.events.length === 3)
  expect(first.events.map(({ id, data }) => [id, data.done])).toEqual(
    [1, 2, 3].map((n) => [cursorAt(before + n), n]),
  )
  await first[Symbol.asyncDispose]()
  await gone()
  graph.log.publish(...runs(4, 5))
  await using second = await listen(path, { last: cursorAt(before + 3) })
  await until(() => second.events.length === 2)
  expect(second.events.map(({ data }) => data.done)).toEqual([4, 5])
})

it('fault 59: sends nothing of another organisation', async () => {
  await using stream = await listen('/api/v2/events/SyncEvents', {
    token: await graph.issuer.issue({ role: 'admin', org: 'empty' }),
  })
  await standing()
  graph.log.publish(...runs(1, 1))
  graph.log.publish({ orgId: '00000000-0000-4000-8000-000000000002', payload: { id: 'theirs', done: 7 } })
  await until(() => stream.events.length > 0)
  expect(stream.events.map(({ data }) => data.id)).toEqual(['theirs'])
})

it('says that a cursor is too old, from where on there are events, and ends', async () => {
  graph.log.publish(...runs(1, 3))
  graph.log.oldest = 3
  await using stream = await listen('/api/v2/events/SyncEvents', { last: cursorAt(0) })
  await until(() => stream.hasEnded)
  graph.log.oldest = 1
  expect(stream.events).toEqual([
    { event: 'error', data: { code: 'CURSOR_EXPIRED', message: expect.any(String), oldest: cursorAt(2) } },
  ])
})

it('ends when the credential runs out, and says so', async () => {
  await using stream = await listen('/api/v2/events/SyncEvents', { token: await graph.token('admin', 60) })
  await standing()
  ahead += 61_000
  await until(() => stream.hasEnded)
  ahead = 0
  expect(stream.events.at(-1)).toMatchObject({ event: 'error', data: { code: 'UNAUTHENTICATED' } })
  await gone()
})

it('ends soon after the credential was taken back, and sends nothing more', async () => {
  const { sub } = JSON.parse(Buffer.from((await graph.token()).split('.')[1]!, 'base64url').toString()) as {
    sub: string
  }
  await using stream = await listen('/api/v2/events/SyncEvents')
  await standing()
  revoked.add(sub)
  try {
    // Later than what hub has answered of somebody is remembered.
    ahead += 31_000
    await until(() => stream.hasEnded)
    graph.log.publish(...runs(1, 1))
    expect(stream.events).toMatchObject([{ event: 'error', data: { code: 'UNAUTHENTICATED' } }])
  } finally {
    revoked.delete(sub)
    ahead = 0
  }
  await gone()
})

it('says that it is there while nothing happens', async () => {
  await using stream = await listen('/api/v2/events/SyncEvents')
  await until(() => stream.beats >= 3)
  expect(stream.events).toEqual([])
})

it('goes on behind the last event at another gateway, once the first has stopped', async () => {
  const urls = Object.fromEntries(Object.entries(graph.parts).map(([name, { url }]) => [name, url]))
  const before = (await graph.log.bounds()).head
  const first = await openGateway(graph.issuer, urls)
  await using stream = await listen('/api/v2/events/SyncEvents', { url: first.url })
  await until(() => first.upstreams() >= 1)
  graph.log.publish(...runs(1, 2))
  await until(() => stream.events.length === 2)
  await first[Symbol.asyncDispose]()
  await until(() => stream.hasEnded)
  graph.log.publish(...runs(3, 4))
  await using next = await listen('/api/v2/events/SyncEvents', { last: stream.events.at(-1)!.id! })
  await until(() => next.events.length === 2)
  expect(next.events.map(({ id, data }) => [id, data.done])).toEqual([
    [cursorAt(before + 3), 3],
    [cursorAt(before + 4), 4],
  ])
})

it('refuses as every route does, before a stream is begun', async () => {
  const refused = async (path: string, token?: string) => {
    await using stream = await listen(path, token === undefined ? {} : { token })
    return [stream.status, ((await stream.response.json()) as { code: string }).code]
  }
  expect(await refused('/api/v2/events/SyncEvents', 'nonsense')).toEqual([401, 'UNAUTHENTICATED'])
  expect(await refused('/api/v2/events/Nothing')).toEqual([404, 'NOT_FOUND'])
  expect(await refused('/api/v2/events/SyncEvents?mine=1')).toEqual([400, 'BAD_INPUT'])
})

it('publishes the schema of every event that partners are told of, to everybody', async () => {
  const list = (await (await fetch(`${graph.gateway.url}/api/v2/events/schemas`)).json()) as {
    events: { event: string; type: string; schema: string }[]
  }
  expect(list.events.map(({ event }) => event)).toEqual(PARTNER_EVENTS)
  for (const { type, schema } of list.events) {
    const response = await fetch(`${graph.gateway.url}${schema}`)
    expect(response.headers.get('content-type')).toContain('application/schema+json')
    expect(await response.json()).toMatchObject({ title: type, required: ['type', 'timestamp', 'data'] })
  }
  expect((await fetch(`${graph.gateway.url}/api/v2/events/schemas/nothing`)).status).toBe(404)
})
