import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RequestContext } from '#gateway/execute.ts'
import { type Answer, SubgraphSource } from '#gateway/supergraph/source.ts'
import { TestClock } from '#kernel/clock.ts'
import { openLog } from '#kernel/log.ts'
import { type Principal, principalSeal } from '#kernel/principal.ts'
import { principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'

const silent = openLog('test', 'silent')
const READ = { operation: 'query', body: '{"query":"{ a }"}', isSafe: true }
const WRITE = { operation: 'mutation', body: '{"query":"mutation { a }"}', isSafe: false }

/** A part of the graph whose answers are given when the test says so. */
const startPart = async () => {
  const asked: IncomingMessage[] = []
  const gone: IncomingMessage[] = []
  const waiting: (() => void)[] = []
  let status = 200
  let hangUps = 0
  const server = createServer((request, response) => {
    asked.push(request)
    if (hangUps-- > 0) return void request.socket.destroy()
    const number = asked.length
    request.resume()
    response.once('close', () => {
      if (!response.writableEnded) gone.push(request)
    })
    waiting.push(() => response.writeHead(status).end(`{"data":{"a":{"n":${number}}}}`))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const clock = new TestClock('2026-03-01T08:00:00Z')
  const source = new SubgraphSource({
    name: 'customers',
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seal: principalSeal('a secret of the processes under test', clock),
    log: silent,
    clock,
    patienceMs: 60_000,
  })
  return {
    asked,
    gone,
    clock,
    source,
    fails: (isFailing: boolean) => {
      status = isFailing ? 503 : 200
    },
    /** Closes so many connections instead of answering, as a process does that stops. */
    hangsUp: (times: number) => {
      hangUps = times
    },
    /** Answers all that wait, once there are so many. */
    answer: async (count: number) => {
      await until(() => waiting.length >= count)
      for (const give of waiting.splice(0)) give()
    },
    [Symbol.asyncDispose]: async () => {
      source.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const contextOf = (caller: Principal = principal(), more: Partial<RequestContext> = {}): RequestContext => ({
  caller: { principal: caller } as never,
  signal: new AbortController().signal,
  behind: new Set(),
  cookies: [],
  log: silent,
  ...more,
})

/** Which request it is the answer to. */
const numberOf = (answer: Answer | undefined) => (answer?.data as { a: { n: number } } | undefined)?.a.n

let part: Awaited<ReturnType<typeof startPart>>
beforeEach(async () => {
  part = await startPart()
})
afterEach(() => part[Symbol.asyncDispose]())

describe('the same read, asked for twice at once', () => {
  it('is asked once, and everybody has an answer of their own', async () => {
    const both = [part.source.ask(READ, contextOf()), part.source.ask(READ, contextOf())]
    await part.answer(1)
    const [one, other] = await Promise.all(both)
    expect(part.asked).toHaveLength(1)
    expect(part.source.health).toMatchObject({ asked: 1, shared: 1 })
    expect(one).toEqual({ data: { a: { n: 1 } } })
    expect(other).toEqual(one)
    expect(other?.data?.a).not.toBe(one?.data?.a)
  })

  it.each<[string, Principal, Partial<RequestContext>]>([
    ['another organisation', { ...principal(), orgId: '00000000-0000-4000-8000-000000000002' }, {}],
    ['another person', { ...principal(), id: 'user:another' }, {}],
    ['a key instead of a person', { ...principal(), kind: 'key' }, {}],
    ['other scopes', { ...principal(), scopes: ['customers:read'] }, {}],
    ['other rows', { ...principal(), customers: ['c1'] } as Principal, {}],
    ['somebody who waits for a write', principal(), { after: 'a receipt' }],
  ])('is asked anew for %s', async (_, caller, more) => {
    const both = [part.source.ask(READ, contextOf()), part.source.ask(READ, contextOf(caller, more))]
    await part.answer(2)
    const [one, other] = await Promise.all(both)
    expect([numberOf(one), numberOf(other)].sort()).toEqual([1, 2])
  })

  it('is given up when nobody waits for it any more, and not before', async () => {
    const [one, other] = [new AbortController(), new AbortController()]
    const both = [one, other].map(({ signal }) => part.source.ask(READ, contextOf(principal(), { signal })))
    await until(() => part.asked.length === 1)
    one.abort()
    expect((await both[0])?.errors?.[0]?.extensions?.code).toBe('HUB_UNAVAILABLE')
    expect(part.gone).toHaveLength(0)
    other.abort()
    await until(() => part.gone.length === 1)
    await both[1]
    expect(part.source.health.failed).toBe(0)
  })

  it('is asked anew once something was changed, even while the first is under way', async () => {
    const before = part.source.ask(READ, contextOf())
    await until(() => part.asked.length === 1)
    const change = part.source.ask(WRITE, contextOf())
    await until(() => part.asked.length === 2)
    await part.answer(2)
    await change
    const after = part.source.ask(READ, contextOf())
    await part.answer(1)
    expect(numberOf(await after)).toBe(3)
    await before
  })

  it('is a change, which is made as often as it is asked for', async () => {
    const both = [part.source.ask(WRITE, contextOf()), part.source.ask(WRITE, contextOf())]
    await part.answer(2)
    await Promise.all(both)
    expect(part.asked).toHaveLength(2)
  })
})

describe('a part that closes the connection instead of answering', () => {
  it('is asked again for what changes nothing, until one of its processes answers', async () => {
    part.hangsUp(3)
    const one = part.source.ask(READ, contextOf())
    await part.answer(1)
    expect(numberOf(await one)).toBe(4)
    expect(part.source.health).toMatchObject({ asked: 1, failed: 0 })
  })

  it('is given up when it goes on, and is never asked twice for a change', async () => {
    part.hangsUp(5)
    const refused = { code: 'HUB_UNAVAILABLE', part: 'customers' }
    expect((await part.source.ask(READ, contextOf())).errors?.[0]?.extensions).toEqual(refused)
    expect(part.asked).toHaveLength(4)
    expect((await part.source.ask(WRITE, contextOf())).errors?.[0]?.extensions).toEqual(refused)
    expect(part.asked).toHaveLength(5)
  })
})

describe('a part that fails again and again', () => {
  const failing = async (times: number) => {
    for (let n = 0; n < times; n++) {
      const one = part.source.ask(READ, contextOf())
      await part.answer(1)
      expect((await one).errors?.[0]?.extensions).toEqual({ code: 'HUB_UNAVAILABLE', part: 'customers' })
    }
  }

  it('is not asked for a while, and nobody waits for it', async () => {
    part.fails(true)
    await failing(10)
    expect(part.source.health).toMatchObject({ state: 'open', asked: 10, failed: 10 })
    const spared = await part.source.ask(READ, contextOf())
    expect(spared.errors?.[0]?.extensions).toEqual({ code: 'HUB_UNAVAILABLE', part: 'customers' })
    expect(part.asked).toHaveLength(10)
    expect(part.source.health.spared).toBe(1)
  })

  it('is tried by one request after a while, and asked by everybody once that is answered', async () => {
    part.fails(true)
    await failing(10)
    part.clock.advance(1_000)
    part.fails(false)
    const trying = part.source.ask(READ, contextOf())
    const other = await part.source.ask(READ, contextOf({ ...principal(), id: 'user:another' }))
    expect(other.errors).toBeDefined()
    expect(part.source.health.state).toBe('half-open')
    await part.answer(1)
    expect((await trying).errors).toBeUndefined()
    expect(part.source.health.state).toBe('closed')
    const next = part.source.ask(READ, contextOf())
    await part.answer(1)
    expect((await next).errors).toBeUndefined()
  })

  it('is left alone for longer when it fails the try, but not when who tried has gone', async () => {
    part.fails(true)
    await failing(10)
    part.clock.advance(600)
    const gone = new AbortController()
    const left = part.source.ask(READ, contextOf(principal(), { signal: gone.signal }))
    await until(() => part.asked.length === 11)
    gone.abort()
    await left
    await until(() => part.gone.length === 1)
    await part.answer(1)
    await failing(1)
    part.clock.advance(600)
    expect(part.source.health.state).toBe('open')
    part.clock.advance(600)
    expect(part.source.health.state).toBe('half-open')
  })
})
