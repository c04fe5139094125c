import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { KIND, Rng } from '#connectors/demo/random.ts'
import { ClientStream } from '#gateway/subscriptions/stream.ts'
import { type Stream, Triggers } from '#gateway/subscriptions/triggers.ts'
import type { Sink } from '#gateway/subscriptions/upstream.ts'
import { cursorAt } from '#service/subscriptions.ts'
import { type Graph, startGraph, subscribe } from '#test/kit/gateway.ts'
import { until } from '#test/kit/until.ts'

const LIMITS = { queue: 8, concurrent: 2, slowMs: 200 }

/** A part's log, and what is followed of it, played by the test. Its events are numbered from 1. */
const openLog = () => {
  const log = { head: 0, opened: 0 }
  const sinks = new Set<{ sink: Sink; at: number }>()
  const triggers = new Triggers(LIMITS)
  const event = (n: number) => ({ data: { n }, extensions: { cursor: `p${n}` } })
  const send = (one: { sink: Sink; at: number }) =>
    queueMicrotask(() => {
      while (sinks.has(one) && one.at < log.head) one.sink.next(event(++one.at))
    })
  const open = (after: string | undefined, slow: () => void) =>
    new ClientStream({
      isResumable: true,
      after,
      limits: LIMITS,
      position: async () => `p${log.head}`,
      run: async (result) => ({ data: result.data ?? null, extensions: result.extensions ?? {} }),
      slow,
      subscribe: (from, sink) => {
        const one = { sink, at: Number(from?.slice(1) ?? log.head) }
        log.opened++
        sinks.add(one)
        send(one)
        return () => sinks.delete(one)
      },
    })
  return {
    log,
    triggers,
    open: () => sinks.size,
    publish: (count: number) => {
      log.head += count
      for (const one of sinks) send(one)
    },
    follow: (after?: string, slow: () => void = () => undefined) =>
      triggers.follow({ key: 'the same', after, open, slow }),
  }
}

/** Takes what comes, as a client that reads. */
const reader = (stream: Stream) => {
  const got: number[] = []
  const end = (async () => {
    for (let next = await stream.next(); !next.done; next = await stream.next())
      got.push((next.value.data as { n: number }).n)
  })()
  return { got, end, stop: () => stream.return() }
}
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)

describe('clients that follow the same', () => {
  it('share one stream, and each has every event once and in order', async () => {
    const part = openLog()
    const readers = [1, 2, 3].map(() => reader(part.follow()))
    await until(() => part.open() === 1)
    for (let n = 5; n <= 30; n += 5) {
      part.publish(5)
      await until(() => readers.every(({ got }) => got.length === n))
    }
    for (const { got } of readers) expect(got).toEqual(upTo(1, 30))
    expect(part.log.opened).toBe(1)
    for (const { stop } of readers) await stop()
    expect([part.open(), part.triggers.size]).toEqual([0, 0])
  })

  it('catch up by themselves from their cursor, and join without a gap or anything twice', async () => {
    const part = openLog()
    part.publish(10)
    const live = reader(part.follow())
    await until(() => part.open() === 1)
    part.publish(3)
    await until(() => live.got.length === 3)
    const late = reader(part.follow('p4'))
    await until(() => late.got.length === 9)
    await until(() => part.open() === 1)
    part.publish(5)
    await until(() => late.got.length === 14 && live.got.length === 8)
    expect(late.got).toEqual(upTo(5, 18))
    expect(live.got).toEqual(upTo(11, 18))
    expect(part.open()).toBe(1)
    for (const { stop } of [live, late]) await stop()
    expect(part.open()).toBe(0)
  })

  it('need no second stream while there is only one of them', async () => {
    const part = openLog()
    part.publish(10)
    const alone = reader(part.follow('p4'))
    await until(() => alone.got.length === 6)
    expect([part.open(), part.log.opened]).toEqual([1, 1])
    await alone.stop()
  })

  it('are not held up by one of them that does not take its events, which is let go', async () => {
    const part = openLog()
    let isSlow = false
    const idle = part.follow(undefined, () => {
      isSlow = true
    })
    const live = reader(part.follow())
    await until(() => part.open() === 1)
    for (let n = 0; n < 10; n++) {
      part.publish(10)
      await until(() => live.got.length === (n + 1) * 10)
    }
    expect(live.got).toEqual(upTo(1, 100))
    await until(() => isSlow)
    expect(await idle.next()).toEqual({ done: true, value: undefined })
    await live.stop()
    expect(part.open()).toBe(0)
  })

  it('that reads slowly has everything all the same', async () => {
    const part = openLog()
    const slow = part.follow()
    const live = reader(part.follow())
    await until(() => part.open() === 1)
    part.publish(60)
    await until(() => live.got.length === 60)
    const got: number[] = []
    while (got.length < 60) {
      const next = await slow.next()
      if (!next.done) got.push((next.value.data as { n: number }).n)
    }
    expect(got).toEqual(upTo(1, 60))
    part.publish(1)
    expect((await slow.next()).value?.data).toEqual({ n: 61 })
    await slow.return()
    await live.stop()
  })

  it('have no gap and nothing twice, however they come and go', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const rng = new Rng(seed, KIND.record, seed)
      const part = openLog()
      const readers: {
        from: number | undefined
        reading: ReturnType<typeof reader>
        hasLeft: boolean
      }[] = []
      for (let step = 0; step < 30; step++) {
        if (rng.chance(0.5)) part.publish(rng.int(1, 4))
        else if (rng.chance(0.6) || readers.length === 0) {
          const from = rng.chance(0.7) ? rng.int(0, part.log.head) : undefined
          const reading = reader(part.follow(from === undefined ? undefined : `p${from}`))
          readers.push({ from, reading, hasLeft: false })
        } else {
          const leaving = rng.pick(readers)
          leaving.hasLeft = true
          await leaving.reading.stop()
        }
        for (let turns = rng.int(0, 6); turns > 0; turns--) await Promise.resolve()
      }
      part.publish(1)
      const { head } = part.log
      await until(() => readers.every(({ reading, hasLeft }) => hasLeft || reading.got.at(-1) === head))
      for (const { from, reading } of readers) {
        const [first = head] = reading.got
        if (from !== undefined && reading.got.length > 0) expect(first).toBe(from + 1)
        expect(reading.got).toEqual(upTo(first, first + reading.got.length - 1))
      }
      for (const { reading } of readers) await reading.stop()
      expect([seed, part.open(), part.triggers.size]).toEqual([seed, 0, 0])
    }
  })
})

describe('sockets of a gateway', () => {
  let graph: Graph
  beforeAll(async () => {
    graph = await startGraph()
  })
  afterAll(() => graph[Symbol.asyncDispose]())
  const CHANGES = 'subscription ($after: Cursor) { customerChanged(after: $after) { id name } }'
  const RENAMED = 'subscription S($from: Cursor)   { customerChanged(after: $from) { id name } }'

  it('share the stream of one caller, and have it apart from every other caller', async () => {
    const token = await graph.token()
    await using one = subscribe(graph.gateway.url, token, CHANGES)
    await until(() => graph.log.followers === 1)
    const { head } = await graph.log.bounds()
    await using again = subscribe(graph.gateway.url, token, CHANGES)
    await using resumed = subscribe(graph.gateway.url, token, CHANGES, { after: cursorAt(head) })
    await using named = subscribe(graph.gateway.url, token, RENAMED)
    await using other = subscribe(graph.gateway.url, await graph.token('readonly'), CHANGES)
    // Whoever comes has to be there before something happens: a pair of events tells.
    const all = [one, again, resumed, named, other]
    for (let n = 0; all.some(({ results }) => results.length === 0); n++) {
      graph.log.publish({ payload: { id: `c${n}` } })
      await until(() => one.results.length === n + 1)
    }
    await until(() => graph.log.followers === 3)
    graph.log.publish({ payload: { id: 'last' } })
    for (const { results } of all) await until(() => results.at(-1)?.data?.customerChanged?.id === 'last')
    expect(resumed.results).toEqual(one.results)
  })
})
