import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunningGateway } from '#gateway/index.ts'
import { type Graph, openGateway, post, startGraph } from '#test/kit/gateway.ts'
import { stopwatch } from '#test/kit/stopwatch.ts'
import { until } from '#test/kit/until.ts'

let graph: Graph
beforeAll(async () => {
  graph = await startGraph()
})
afterAll(() => graph[Symbol.asyncDispose]())

const LIST = `{ customers(first: 3) { nodes { name health { score } rfqs(first: 1) { nodes { number } } trunks(first: 1) { nodes { name } } } } viewer { id } }`

/** A gateway for which some parts lie elsewhere. */
const withParts = (other: Record<string, string>, options = {}): Promise<RunningGateway> =>
  openGateway(
    graph.issuer,
    { ...Object.fromEntries(Object.entries(graph.parts).map(([name, part]) => [name, part.url])), ...other },
    options,
  )
const DEAD = 'http://127.0.0.1:9'

/** A server that behaves badly. */
const bad = async (
  behave: Parameters<typeof createServer>[1],
): Promise<{ url: string } & AsyncDisposable> => {
  const server: Server = createServer(behave!)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('with one part down', () => {
  it('the rest of a list still answers, and the error names the part and its place', async () => {
    await using gateway = await withParts({ telephony: DEAD })
    const { status, body } = await post(`${gateway.url}/graphql`, { query: LIST }, await graph.token())
    expect(status).toBe(200)
    const nodes = (body.data as never as { customers: { nodes: unknown[] } }).customers.nodes
    expect(nodes).toHaveLength(3)
    expect(nodes[0]).toEqual({
      name: 'Company c0',
      health: { score: '70' },
      rfqs: { nodes: [{ number: 'RFQ c3-c0' }] },
      trunks: null,
    })
    expect(body.errors).toEqual([
      {
        message:
          'The part “telephony” of the graph is not available at the moment. Try again in a few seconds.',
        path: ['customers', 'nodes'],
        extensions: { code: 'HUB_UNAVAILABLE', part: 'telephony' },
      },
    ])
  })

  it.each([
    ['hangs', () => undefined],
    ['answers HTML', (_: unknown, response: ServerResponse) => response.end('<html>')],
    ['answers half a document', (_: unknown, response: ServerResponse) => response.end('{"data":')],
    [
      'answers 500',
      (_: unknown, response: ServerResponse) =>
        response.writeHead(500).end('{"errors":[{"message":"secret"}]}'),
    ],
    ['hangs up', (request: IncomingMessage) => request.socket.destroy()],
  ])('that %s, the others answer within the deadline', async (name, behave) => {
    await using broken = await bad(behave as never)
    // Whoever does not hang does not take until the deadline either.
    const deadlineMs = name === 'hangs' ? 4_000 : 15_000
    await using gateway = await withParts({ telephony: broken.url }, { limits: { deadlineMs } })
    using since = stopwatch()
    const { body } = await post(`${gateway.url}/graphql`, { query: LIST }, await graph.token())
    expect(since.ms()).toBeLessThan(4_500)
    expect(body.data).toMatchObject({
      viewer: { id: 'demo:admin' },
      customers: { nodes: [{ trunks: null }, {}, {}] },
    })
    expect(body.errors?.map((e) => e.extensions)).toEqual([{ code: 'HUB_UNAVAILABLE', part: 'telephony' }])
    expect(JSON.stringify(body)).not.toContain('secret')
  })

  it('REST gives no answer that lacks something, names the part and the place, and gives what there is to whoever asks for that', async () => {
    await using gateway = await withParts({ telephony: DEAD, insights: DEAD })
    const authorization = `Bearer ${await graph.token()}`
    const overview = `${gateway.url}/api/v2/customers/c1/overview`
    const strict = await fetch(overview, { headers: { authorization } })
    expect(strict.status).toBe(502)
    const missing = [
      { path: 'billingAccounts', part: 'telephony', code: 'HUB_UNAVAILABLE' },
      { path: 'health', part: 'insights', code: 'HUB_UNAVAILABLE' },
      { path: 'trunks', part: 'telephony', code: 'HUB_UNAVAILABLE' },
    ]
    const lacks = (await strict.json()) as { missing: { path: string }[] }
    const sorted = ({ missing }: typeof lacks) => missing.toSorted((a, b) => (a.path < b.path ? -1 : 1))
    expect(lacks).toMatchObject({ type: '/problems/parts-missing', code: 'PARTS_MISSING' })
    expect(sorted(lacks)).toMatchObject(missing)
    const whole = await fetch(`${overview}?partial=true`, { headers: { authorization } })
    expect(whole.status).toBe(200)
    expect(whole.headers.get('x-hub-missing')?.split(', ').sort()).toEqual(['insights', 'telephony'])
    const there = (await whole.json()) as typeof lacks
    expect(there).toMatchObject({ id: 'c1', trunks: null })
    expect(sorted(there)).toMatchObject(missing)
    const none = await fetch(`${gateway.url}/api/v2/portfolio`, { headers: { authorization } })
    expect(none.status).toBe(503)
    expect(none.headers.get('retry-after')).toBe('1')
    expect(await none.json()).toMatchObject({ status: 503, code: 'HUB_UNAVAILABLE', part: 'insights' })
  })
})

describe('readyz', () => {
  /** A part that a busy machine keeps from answering in time is missing for a moment. */
  const says = (url: string, status: number, body: object) =>
    until(async () => {
      const response = await fetch(`${url}/readyz`)
      expect(response.status).toBe(status)
      expect(await response.json()).toMatchObject(body)
      return true
    })

  it('is 200 once every part answers', async () => {
    await says(graph.gateway.url, 200, { ready: true, missing: [] })
  })

  it('is 503 before, and names what is missing', async () => {
    await using gateway = await withParts({ telephony: DEAD, inventory: DEAD })
    await says(gateway.url, 503, {
      ready: false,
      missing: ['inventory does not answer', 'telephony does not answer'],
    })
    expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200)
  })

  it('is 503 from the moment the gateway is told to stop', async () => {
    const gateway = await withParts({})
    const stopped = gateway[Symbol.asyncDispose]()
    const answer = await gateway.app.inject('/readyz')
    await stopped
    expect([answer.statusCode, answer.json().missing]).toEqual([
      503,
      ['this gateway is stopping: others answer'],
    ])
  })

  it('is 200 while a part answers whose database takes no changes, and says so', async () => {
    await using part = await bad((_, response) =>
      response.end(JSON.stringify({ name: 'telephony', status: 'degraded' })),
    )
    await using gateway = await withParts({ telephony: part.url })
    await says(gateway.url, 200, {
      ready: true,
      status: 'degraded',
      missing: ['the database of telephony refuses changes: it is read-only, or its disk is full'],
    })
  })
})
