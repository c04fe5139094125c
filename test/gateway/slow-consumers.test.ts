import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ClientStream } from '#gateway/subscriptions/stream.ts'
import type { Sink } from '#gateway/subscriptions/upstream.ts'
import { cursorAt } from '#service/subscriptions.ts'
import { type Graph, letGo, startGraph, subscribe } from '#test/kit/gateway.ts'
import { until } from '#test/kit/until.ts'

let graph: Graph
beforeAll(async () => {
  graph = await startGraph({ socketLimits: { queue: 20, slowMs: 300 } })
})
afterAll(() => graph[Symbol.asyncDispose]())

const CHANGES = 'subscription ($after: Cursor) { customerChanged(after: $after) { id website } }'
const filler = 'x'.repeat(200_000)
const big = (count: number) => Array.from({ length: count }, (_, i) => ({ payload: { id: `c${i}`, filler } }))

describe('a client that does not take its events', () => {
  it('is not slow while it reads, however many events it has missed', async () => {
    // A machine that is busy for a third of a second is not a client that does not read.
    await using graph = await startGraph({ socketLimits: { queue: 20, slowMs: 10_000 } })
    const { head } = await graph.log.bounds()
    graph.log.publish(...Array.from({ length: 500 }, (_, i) => ({ payload: { id: `c${i}` } })))
    await using client = subscribe(graph.gateway.url, await graph.token(), CHANGES, { after: cursorAt(head) })
    await until(() => client.results.length === 500)
    expect(client.results.map((r) => r.data?.customerChanged?.id)).toEqual(
      Array.from({ length: 500 }, (_, i) => `c${i}`),
    )
    expect(client.closed).toEqual([])
  })

  it('fault 66: is let go with SLOW_CONSUMER, and goes on later from its cursor', async () => {
    const token = await graph.token()
    const before = await letGo()
    // The stream of whoever was here before is not taken for this one.
    await until(() => graph.gateway.upstreams() === 0)
    const { head } = await graph.log.bounds()
    await using slow = subscribe(graph.gateway.url, token, CHANGES, { after: cursorAt(head) })
    await until(() => graph.gateway.upstreams() === 1)
    graph.log.publish(...big(1))
    await until(() => slow.results.length === 1)
    slow.socket()?.pause()
    graph.log.publish(...big(120))
    // The stream behind it ends at once; the client learns why when it reads again.
    await until(async () => (await letGo()) === before + 1)
    expect(graph.gateway.upstreams()).toBe(0)
    slow.socket()?.resume()
    await until(() => slow.closed.length === 1)
    expect(slow.closed[0]).toMatchObject({ code: 4290, reason: 'SLOW_CONSUMER' })
    const got = slow.results.length
    expect(got).toBeLessThan(121)

    // A machine that stands still for a moment makes it slow once more: each time it goes on from its cursor.
    const results = [...slow.results]
    while (results.length < 121) {
      const after = results.at(-1)?.extensions?.cursor
      await using again = subscribe(graph.gateway.url, token, CHANGES, { after })
      await until(() => results.length + again.results.length >= 121 || again.closed.length > 0)
      for (const { code } of again.closed) expect(code).toBe(4290)
      results.push(...again.results)
    }
    const ids = results.map((r) => r.data?.customerChanged?.id)
    expect(ids.slice(1)).toEqual(Array.from({ length: 120 }, (_, i) => `c${i}`))
  })
})

describe('a stream', () => {
  /** A stream over a subgraph that the test plays. */
  const open = (isResumable: boolean) => {
    const seen: { after: string | undefined; sink: Sink; ended: boolean }[] = []
    let slow = 0
    const stream = new ClientStream({
      isResumable,
      after: isResumable ? 'p0' : undefined,
      limits: { queue: 4, concurrent: 2, slowMs: 50 },
      position: async () => undefined,
      run: async (event) => ({ data: event.data ?? null, extensions: event.extensions ?? {} }),
      slow: () => {
        slow++
      },
      subscribe: (after, sink) => {
        const one = { after, sink, ended: false }
        seen.push(one)
        return () => {
          one.ended = true
        }
      },
    })
    return { stream, seen, slow: () => slow }
  }
  const event = (n: number) => ({ data: { n }, extensions: { cursor: `p${n}` } })

  it('lets go of its source when its queue is full, and takes it up again where it stopped', async () => {
    const { stream, seen, slow } = open(true)
    await until(() => seen.length === 1)
    for (let n = 1; n <= 6; n++) seen[0]?.sink.next(event(n))
    expect(seen[0]?.ended).toBe(true)
    seen[0]?.sink.next(event(7)) // Too late: nobody asked for it any more.
    for (let n = 1; n <= 6; n++) expect((await stream.next()).value).toMatchObject({ data: { n } })
    await until(() => seen.length === 2)
    expect(seen[1]?.after).toBe('p6')
    expect(slow()).toBe(0)
    await stream.return()
    expect(seen[1]?.ended).toBe(true)
  })

  it('that cannot be taken up again is lost to a client that is too slow', async () => {
    const { stream, seen, slow } = open(false)
    await until(() => seen.length === 1)
    for (let n = 1; n <= 6; n++) seen[0]?.sink.next(event(n))
    expect(slow()).toBe(1)
    expect((await stream.next()).done).toBe(true)
  })

  it('ends while it waits for an event', async () => {
    const { stream, seen } = open(true)
    await until(() => seen.length === 1)
    const pending = stream.next()
    await stream.return()
    expect(await pending).toEqual({ done: true, value: undefined })
    expect(seen[0]?.ended).toBe(true)
  })

  it('tells why its source refused it', async () => {
    const { stream, seen } = open(true)
    await until(() => seen.length === 1)
    seen[0]?.sink.refused([{ message: 'gone', extensions: { code: 'CURSOR_EXPIRED', oldest: 'p5' } }])
    await expect(stream.next()).rejects.toMatchObject({
      extensions: { code: 'CURSOR_EXPIRED', oldest: 'p5' },
    })
  })

  it('goes on behind its last event when its source breaks off with trouble of its own', async () => {
    const { stream, seen } = open(true)
    await until(() => seen.length === 1)
    seen[0]?.sink.next(event(1))
    seen[0]?.sink.next({ errors: [{ message: 'down', extensions: { code: 'HUB_UNAVAILABLE' } }] })
    await until(() => seen.length === 2)
    expect(seen[1]?.after).toBe('p1')
    await stream.return()
  })
})
