import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '#kernel/clock.ts'
import { cursorAt } from '#service/subscriptions.ts'
import { type Graph, startGraph, subscribe } from '#test/kit/gateway.ts'
import { revoked } from '#test/kit/graph.ts'
import { until } from '#test/kit/until.ts'

const HEALTH = `subscription Health($id: ID, $after: Cursor) { healthChanged(customerId: $id, after: $after) {
  score customer { name deals(first: 1) { nodes { id } } trunks(first: 5) { nodes { name } } rfqs(first: 5) { nodes { number } } } } }`
const RUNS = 'subscription Runs($after: Cursor) { syncEvents(after: $after) { id done } }'

/** The machine's clock, which a test may set forward. */
let ahead = 0
const clock = { now: () => new Date(systemClock.now().getTime() + ahead) }

let graph: Graph
let admin: string
beforeAll(async () => {
  graph = await startGraph({ clock, socketLimits: { subscriptions: 12, sockets: 8 } })
  admin = await graph.token()
})
afterAll(() => graph[Symbol.asyncDispose]())

const url = () => graph.gateway.url
const runs = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => ({ payload: { id: 'r1', done: from + i } }))
/** Waits until the subscription stands: its stream is open towards the part. */
const standing = (count = 1) => until(() => graph.gateway.upstreams() >= count)
const gone = () => until(() => graph.gateway.upstreams() === 0)
const codeOf = (failure: unknown) => (failure as { extensions?: { code?: string } }[])[0]?.extensions?.code

describe('a subscription', () => {
  it('fetches what other parts know after each event', async () => {
    await using client = subscribe(url(), admin, HEALTH)
    await standing()
    graph.log.publish({ payload: { id: 'c7', score: '42' } })
    await until(() => client.results.length === 1)
    expect(client.results[0]).toEqual({
      data: {
        healthChanged: {
          score: '42',
          customer: {
            name: 'Company c7',
            deals: { nodes: [{ id: 'd-c7' }] },
            trunks: { nodes: [{ name: 'Trunk of ban-c7' }] },
            rfqs: { nodes: [{ number: 'RFQ c3-c7' }] },
          },
        },
      },
      extensions: { cursor: cursorAt((await graph.log.bounds()).head) },
    })
  })

  it('gives every event once and in order', async () => {
    await gone()
    const { head } = await graph.log.bounds()
    await using client = subscribe(url(), admin, HEALTH, { after: cursorAt(head) })
    graph.log.publish(
      ...Array.from({ length: 60 }, (_, i) => ({ payload: { id: `c${i}`, score: String(i) } })),
    )
    await until(() => client.results.length === 60)
    expect(client.results.map((r) => r.data?.healthChanged?.score)).toEqual(
      Array.from({ length: 60 }, (_, i) => String(i)),
    )
  })

  it('goes on behind the cursor the client kept, whatever the client called the field and its variables', async () => {
    const { head } = await graph.log.bounds()
    graph.log.publish(...runs(1, 5))
    const query = `subscription ($hubAfter: Cursor, $x: ID) { mine: syncEvents(after: $hubAfter, integrationId: $x) { n: done } }`
    await using client = subscribe(url(), admin, query, { hubAfter: cursorAt(head + 2) })
    await until(() => client.results.length === 3)
    expect(client.results.map((r) => r.data)).toEqual([3, 4, 5].map((n) => ({ mine: { n } })))
    await using literal = subscribe(
      url(),
      admin,
      `subscription { syncEvents(after: "${cursorAt(head + 4)}") { done } }`,
    )
    await until(() => literal.results.length === 1)
    expect(literal.results[0]?.data).toEqual({ syncEvents: { done: 5 } })
  })

  it('shows only events of the caller’s organisation', async () => {
    const stranger = await graph.issuer.issue({ role: 'admin', org: 'empty' })
    const { head } = await graph.log.bounds()
    await using client = subscribe(url(), stranger, RUNS, { after: cursorAt(head) })
    graph.log.publish(...runs(1, 3), {
      orgId: '00000000-0000-4000-8000-000000000002',
      payload: { id: 'theirs', done: 9 },
    })
    await until(() => client.results.length === 1)
    expect(client.results[0]?.data).toEqual({ syncEvents: { id: 'theirs', done: 9 } })
  })

  it('refuses a cursor that is no longer kept, and says from where it can go on', async () => {
    graph.log.oldest = 4
    await using client = subscribe(url(), admin, RUNS, { after: cursorAt(1) })
    await until(() => client.failures.length === 1)
    expect(client.failures[0]).toMatchObject([
      { extensions: { code: 'CURSOR_EXPIRED', oldest: cursorAt(3) } },
    ])
    graph.log.oldest = 1
    await using bad = subscribe(url(), admin, RUNS, { after: 'nonsense' })
    await until(() => bad.failures.length === 1)
    expect(codeOf(bad.failures[0])).toBe('BAD_INPUT')
  })

  it('closes the stream behind it when the client unsubscribes', async () => {
    await gone()
    await using client = subscribe(url(), admin, HEALTH)
    await standing()
    client.unsubscribe()
    await gone()
    expect(client.closed.length + client.failures.length).toBeLessThan(2)
  })
})

describe('the root of a subscription', () => {
  const query = (root: string, variables = '') => `subscription S${variables} { ${root} }`
  it.each([
    [
      'a skipped field beside one that is not',
      query('syncEvents { done } healthChanged @skip(if: $no) { score }', '($no: Boolean!)'),
      { no: true },
    ],
    ['an included field', query('syncEvents @include(if: $yes) { done }', '($yes: Boolean! = true)'), {}],
    [
      'a field within a fragment',
      `${query('... @include(if: true) { ...F }')} fragment F on Subscription { syncEvents { done } }`,
      {},
    ],
    ['a field selected twice', query('syncEvents { id } syncEvents { done }'), {}],
  ])('may hold %s', async (_, text, variables) => {
    const { head } = await graph.log.bounds()
    await using client = subscribe(url(), admin, text, variables)
    await standing()
    await until(async () => {
      graph.log.publish(...runs(1, 1))
      return client.results.length > 0
    })
    expect(client.results[0]?.data?.syncEvents).toMatchObject({ done: 1 })
    expect(head).toBeGreaterThan(0)
  })

  it.each([
    ['two fields of different parts', query('syncEvents { done } healthChanged { score }'), {}],
    ['one field under two names', query('a: syncEvents { done } b: syncEvents { done }'), {}],
    [
      'no field, all being skipped',
      query('syncEvents @skip(if: $no) { done }', '($no: Boolean!)'),
      { no: true },
    ],
    ['only its own type', query('__typename'), {}],
  ])('is refused with %s', async (_, text, variables) => {
    await using client = subscribe(url(), admin, text, variables)
    await until(() => client.failures.length === 1)
    expect(codeOf(client.failures[0])).toBe('ONE_ROOT_FIELD')
  })

  it('is refused with a field that does not exist, and the socket stays', async () => {
    await using client = subscribe(url(), admin, 'subscription { nothing { done } }')
    await until(() => client.failures.length === 1)
    expect(codeOf(client.failures[0])).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(client.closed.map((c) => c.code)).not.toContain(4500)
  })
})

describe('a socket', () => {
  it('answers queries as well', async () => {
    await using client = subscribe(url(), admin, '{ viewer { id } }')
    await until(() => client.results.length === 1)
    expect(client.results[0]?.data).toEqual({ viewer: { id: 'demo:admin' } })
  })

  it('is closed without a valid credential', async () => {
    for (const token of [null, 'a.b.c', 'hub_aaaaaaaaaaaaaaaaaaaaaaaa']) {
      await using client = subscribe(url(), token, RUNS)
      await until(() => client.closed.length === 1)
      expect(client.closed[0]).toMatchObject({ code: 4401, reason: 'UNAUTHENTICATED' })
      expect(client.results).toEqual([])
    }
  })

  it('is closed when the credential ends', async () => {
    await using client = subscribe(url(), await graph.token('admin', 1), RUNS)
    await until(() => client.closed.length === 1)
    expect(client.closed[0]).toMatchObject({ code: 4291, reason: 'CREDENTIAL_EXPIRED' })
    await gone()
  })

  it('carries no more subscriptions than one caller may have', async () => {
    const someone = await graph.issuer.issue({ role: 'admin', org: 'demo', subject: 'busy' })
    await using client = subscribe(url(), someone, RUNS)
    const failures: unknown[] = []
    for (let i = 0; i < 13; i++)
      client.client.subscribe(
        { query: RUNS },
        {
          next: (result) => result.errors && failures.push(result.errors),
          error: (error) => failures.push(error),
          complete: () => undefined,
        },
      )
    await until(() => failures.length === 2)
    expect(codeOf(failures[0])).toBe('TOO_MANY_SUBSCRIPTIONS')
  })

  it('fault 66: is refused when one caller opens too many', async () => {
    const someone = await graph.issuer.issue({ role: 'admin', org: 'demo', subject: 'flood' })
    await using stack = new AsyncDisposableStack()
    const clients = Array.from({ length: 10 }, () => stack.use(subscribe(url(), someone, RUNS)))
    await until(() => clients.filter((c) => c.closed.length > 0).length === 2)
    expect(clients.flatMap((c) => c.closed).map((c) => c.reason)).toEqual([
      'TOO_MANY_SOCKETS',
      'TOO_MANY_SOCKETS',
    ])
  })

  it('fault 66: of a thousand subscriptions of one caller holds what one may have, and refuses the others', async () => {
    const flood = await graph.issuer.issue({ role: 'admin', org: 'demo', subject: 'thousand' })
    await using client = subscribe(url(), flood, RUNS)
    const codes: unknown[] = []
    const ends = Array.from({ length: 999 }, () =>
      client.client.subscribe(
        { query: RUNS },
        {
          next: (result) => result.errors && codes.push(codeOf(result.errors)),
          error: (error) => codes.push(codeOf(error)),
          complete: () => undefined,
        },
      ),
    )
    await until(() => codes.length === 1_000 - 12, { timeoutMs: 30_000 })
    expect(new Set(codes)).toEqual(new Set(['TOO_MANY_SUBSCRIPTIONS']))
    // Whoever lets go of what it has may follow something else.
    for (const end of ends) end()
    await using other = subscribe(url(), flood, RUNS)
    await until(async () => {
      graph.log.publish({ payload: { id: 'r1', done: 1 } })
      return other.results.length > 0
    })
  })

  it('fault 67: is closed within 30 s when its caller is revoked', async () => {
    const leaver = await graph.issuer.issue({ role: 'admin', org: 'demo', subject: 'leaver' })
    await using client = subscribe(url(), leaver, RUNS)
    await standing()
    revoked.add('leaver')
    ahead += 20_000
    await until(() => client.closed.length === 1)
    expect(client.closed[0]).toMatchObject({ code: 4403 })
  })
})
