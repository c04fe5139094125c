import { request as httpRequest, type IncomingMessage } from 'node:http'
import { createClient } from 'graphql-sse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { cursorAt } from '#service/subscriptions.ts'
import { type Graph, letGo, openGateway, type Received, startGraph } from '#test/kit/gateway.ts'
import { revoked } from '#test/kit/graph.ts'
import { until } from '#test/kit/until.ts'

const RUNS = 'subscription Runs($after: Cursor) { syncEvents(after: $after) { id done } }'
const CHANGES = 'subscription ($after: Cursor) { customerChanged(after: $after) { id website } }'

/** The machine's clock, which a test may set forward. */
let ahead = 0
const clock = { now: () => new Date(systemClock.now().getTime() + ahead) }

let graph: Graph
let admin: string
beforeAll(async () => {
  graph = await startGraph({ clock, socketLimits: { subscriptions: 3, queue: 20, slowMs: 300 } })
  admin = await graph.token()
})
afterAll(() => graph[Symbol.asyncDispose]())

const run = (done: number) => ({ payload: { id: 'r1', done } })
const gone = () => until(() => graph.gateway.upstreams() === 0, { timeoutMs: 20_000 })
const standing = (count = 1) => until(() => graph.gateway.upstreams() >= count)

interface Listener extends AsyncDisposable {
  status: number
  headers: IncomingMessage['headers']
  response: IncomingMessage
  /** The events that came, in order. */
  events: { event?: string; id?: string; data: string }[]
  comments: number
  ended: boolean
  /** What the events of kind `next` carry. */
  results(): Received[]
  body(): { errors: { extensions: { code: string } }[] }
}

/** Reads the bytes themselves, as EventSource does. */
const listen = async (
  body: object,
  { token = admin, url = graph.gateway.url, headers = {} as Record<string, string>, method = 'POST' } = {},
): Promise<Listener> => {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const search = method === 'GET' ? `?${new URLSearchParams(body as Record<string, string>)}` : ''
    const request = httpRequest(`${url}/graphql${search}`, {
      method,
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${token}`,
        ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
    })
    request.once('response', resolve).once('error', reject)
    request.end(method === 'POST' ? JSON.stringify(body) : undefined)
  })
  let text = ''
  const listener: Listener = {
    status: response.statusCode ?? 0,
    headers: response.headers,
    response,
    events: [],
    comments: 0,
    ended: false,
    results: () => listener.events.flatMap(({ event, data }) => (event === 'next' ? [JSON.parse(data)] : [])),
    body: () => JSON.parse(text),
    [Symbol.asyncDispose]: async () => {
      response.destroy()
    },
  }
  response.setEncoding('utf8')
  response.on('data', (chunk: string) => {
    text += chunk
    if (!response.headers['content-type']?.startsWith('text/event-stream')) return
    for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
      const lines = text.slice(0, at).split('\n')
      text = text.slice(at + 2)
      if (lines[0]?.startsWith(':')) listener.comments++
      else {
        const pairs = lines.map((line) => [
          line.slice(0, line.indexOf(': ')),
          line.slice(line.indexOf(': ') + 2),
        ])
        listener.events.push(Object.fromEntries(pairs))
      }
    }
  })
  response.on('close', () => {
    listener.ended = true
  })
  response.on('error', () => undefined)
  return listener
}
const doneOf = ({ data }: Received) => data?.syncEvents?.done

describe('a subscription as server-sent events', () => {
  it('is followed by an ordinary client, from a cursor on, every event once and in order', async () => {
    const { head } = await graph.log.bounds()
    graph.log.publish(...Array.from({ length: 40 }, (_, i) => run(i)))
    const client = createClient({
      url: `${graph.gateway.url}/graphql`,
      headers: { authorization: `Bearer ${admin}` },
      retryAttempts: 0,
    })
    const seen: unknown[] = []
    for await (const result of client.iterate({ query: RUNS, variables: { after: cursorAt(head) } })) {
      seen.push(doneOf(result as Received))
      if (seen.length === 40) break
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => i))
    client.dispose()
    await gone()
  })

  it('carries the cursor in each result and as the id of its event, and goes on behind the last one that was seen', async () => {
    const { head } = await graph.log.bounds()
    graph.log.publish(run(1), run(2), run(3))
    await using first = await listen({ query: RUNS, variables: { after: cursorAt(head) } })
    expect(first.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    expect(first.headers['cache-control']).toBe('no-store')
    await until(() => first.events.length === 3)
    const [one] = first.events
    expect([one?.event, one?.id]).toEqual(['next', first.results()[0]?.extensions?.cursor])
    const variables = { after: cursorAt(head) }
    await using again = await listen(
      { query: RUNS, variables },
      { headers: { 'last-event-id': one?.id ?? '' } },
    )
    await until(() => again.events.length === 2)
    expect(again.results().map(doneOf)).toEqual([2, 3])
    await first[Symbol.asyncDispose]()
    await again[Symbol.asyncDispose]()
    await gone()
  })

  it('is opened by GET as well, as browsers open it', async () => {
    const { head } = await graph.log.bounds()
    graph.log.publish(run(9))
    const variables = JSON.stringify({ after: cursorAt(head) })
    await using listener = await listen({ query: RUNS, variables }, { method: 'GET' })
    await until(() => listener.results().map(doneOf)[0] === 9)
  })

  it('is refused before it begins as any operation is, with a status and a code', async () => {
    for (const [body, status, code] of [
      [{ query: 'subscription { syncEvents { nothing } }' }, 400, 'GRAPHQL_VALIDATION_FAILED'],
      [{ query: 'subscription {' }, 400, 'GRAPHQL_PARSE_FAILED'],
      [
        {
          query: 'subscription ($id: ID) { healthChanged(customerId: $id) { score } }',
          variables: { id: {} },
        },
        400,
        'BAD_USER_INPUT',
      ],
      [{ query: RUNS, variables: 'x' }, 400, 'BAD_INPUT'],
      [{ query: 'subscription { syncEvents { id } healthChanged { score } }' }, 400, 'ONE_ROOT_FIELD'],
      [{ documentId: 'Nothing' }, 404, 'UNKNOWN_DOCUMENT'],
    ] as const) {
      await using refused = await listen(body)
      await until(() => refused.ended)
      expect([refused.status, refused.body().errors[0]?.extensions.code]).toEqual([status, code])
    }
    await using nobody = await listen({ query: RUNS }, { token: 'nonsense' })
    await until(() => nobody.ended)
    expect([nobody.status, nobody.body().errors[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED'])
  })

  it('tells what ends it: a cursor from before what is kept', async () => {
    graph.log.publish(run(1))
    graph.log.oldest = (await graph.log.bounds()).head
    await using listener = await listen({ query: RUNS, variables: { after: cursorAt(0) } })
    await until(() => listener.events.at(-1)?.event === 'complete')
    expect(listener.results()[0]?.errors?.[0]?.extensions?.code).toBe('CURSOR_EXPIRED')
    graph.log.oldest = 1
    await until(() => listener.ended)
  })

  it('counts like every other one: more than a caller may follow are refused', async () => {
    await gone()
    const open = await Promise.all([1, 2, 3].map(() => listen({ query: RUNS })))
    await standing()
    await using fourth = await listen({ query: RUNS })
    await until(() => fourth.ended)
    expect([fourth.status, fourth.body().errors[0]?.extensions.code]).toEqual([429, 'TOO_MANY_SUBSCRIPTIONS'])
    for (const one of open) await one[Symbol.asyncDispose]()
    await gone()
    await using again = await listen({ query: RUNS })
    expect(again.status).toBe(200)
    await standing()
  })

  it('ends when the credential ends, and says so', async () => {
    await gone()
    await using listener = await listen({ query: RUNS }, { token: await graph.token('admin', 60) })
    await standing()
    ahead = 61_000
    await until(() => listener.ended)
    ahead = 0
    expect(listener.results()[0]?.errors?.[0]?.extensions?.code).toBe('CREDENTIAL_EXPIRED')
    expect(listener.events.at(-1)?.event).toBe('complete')
    await gone()
  })

  it('fault 67: ends within 30 s when its caller is revoked', async () => {
    await using listener = await listen({ query: RUNS }, { token: await graph.token('readonly') })
    await standing()
    revoked.add('demo:readonly')
    ahead = 30_000
    await until(() => listener.ended)
    ahead = 0
    revoked.delete('demo:readonly')
    expect(listener.results()[0]?.errors?.[0]?.extensions?.code).toBe('FORBIDDEN')
    await gone()
  })

  it('fault 66: is let go with SLOW_CONSUMER when nobody reads, and goes on later from its cursor', async () => {
    const { head } = await graph.log.bounds()
    const before = await letGo()
    await using slow = await listen({ query: CHANGES, variables: { after: cursorAt(head) } })
    await standing()
    slow.response.pause()
    const filler = 'x'.repeat(200_000)
    graph.log.publish(...Array.from({ length: 120 }, (_, i) => ({ payload: { id: `c${i}`, filler } })))
    await until(async () => (await letGo()) === before + 1)
    await gone()
    slow.response.resume()
    await until(() => slow.ended, { timeoutMs: 20_000 })
    const results = slow.results().filter(({ data }) => data)
    expect(results.length).toBeLessThan(120)
    while (results.length < 120) {
      const after = results.at(-1)?.extensions?.cursor ?? cursorAt(head)
      await using again = await listen({ query: CHANGES, variables: { after } })
      const got = () => again.results().filter(({ data }) => data)
      await until(() => results.length + got().length >= 120 || again.ended)
      results.push(...got())
    }
    expect(results.map(({ data }) => data?.customerChanged?.id)).toEqual(
      Array.from({ length: 120 }, (_, i) => `c${i}`),
    )
  })

  it('lets its client know that it is there while nothing happens, and ends with the gateway', async () => {
    const urls = Object.fromEntries(Object.entries(graph.parts).map(([name, part]) => [name, part.url]))
    const gateway = await openGateway(graph.issuer, urls, { heartbeatMs: 20 })
    await using listener = await listen({ query: RUNS }, { url: gateway.url })
    await until(() => listener.comments > 3)
    await gateway[Symbol.asyncDispose]()
    await until(() => listener.ended)
    // It is not complete: the client comes again.
    expect(listener.events).toEqual([])
    expect(gateway.upstreams()).toBe(0)
  })
})

describe('an operation as server-sent events', () => {
  it('is one result and the end', async () => {
    for (const method of ['GET', 'POST']) {
      await using listener = await listen({ query: '{ viewer { id } }' }, { method })
      await until(() => listener.ended)
      expect(listener.events.map(({ event }) => event)).toEqual(['next', 'complete'])
      expect(listener.results()).toEqual([{ data: { viewer: { id: 'demo:admin' } } }])
    }
  })

  it('is JSON for a client that takes both, and a mutation is not sent by GET', async () => {
    const both = 'application/json, text/event-stream'
    await using json = await listen({ query: '{ viewer { id } }' }, { headers: { accept: both } })
    expect(json.headers['content-type']).toContain('application/json')
    await using stream = await listen({ query: RUNS }, { headers: { accept: both } })
    expect(stream.headers['content-type']).toContain('text/event-stream')
    await using refused = await listen(
      { query: 'mutation { cancelSync(runId: "r") { __typename } }' },
      { method: 'GET' },
    )
    await until(() => refused.ended)
    expect([refused.status, refused.body().errors[0]?.extensions.code]).toEqual([400, 'BAD_INPUT'])
  })
})
