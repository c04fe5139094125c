import { describe, expect, it } from 'vitest'
import { encodeCursor } from '#kernel/cursor.ts'
import { askSubgraph, DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'
import { until } from '#test/kit/until.ts'
import { subscribe } from '#test/service/graph.ts'
import { DAY, NOW } from './facts.ts'
import { demoWorld, payers, seal, start } from './running.ts'
import { says, type Told } from './world.ts'

const healthOf = /* GraphQL */ `
  query ($of: [_Any!]!) {
    _entities(representations: $of) {
      ... on Customer {
        id
        health { score confidence coverage recomputing asOf dimensions { name score weight coverage } contributions { dimension metric value unit points outOf sources } customer { id } }
      }
    }
  }`
const reference = (id: string, identityVersion = 1) => ({ __typename: 'Customer', id, identityVersion })

describe('Customer.health', () => {
  it('is answered for a hundred customers in as many statements as for one, with what explains it', async () => {
    await using hub = await start()
    await hub.bed.take(payers(100).told, NOW)
    await hub.bed.scoreAll(NOW)
    const ask = async (count: number) => {
      hub.statements.length = 0
      const of = Array.from({ length: count }, (_, i) => reference(`customer-${i}`))
      const { data, errors } = await askSubgraph(hub.url, healthOf, { of })
      expect(errors).toBeUndefined()
      expect(data._entities.map((e: { id: string }) => e.id)).toEqual(of.map((r) => r.id))
      for (const { health } of data._entities) {
        const points = health.contributions.reduce(
          (t: number, c: { points: string }) => t + Number(c.points),
          0,
        )
        expect(points).toBeCloseTo(Number(health.score), 6)
        expect(health).toMatchObject({ recomputing: false, asOf: NOW.toISOString() })
        expect(health.dimensions).toHaveLength(4)
        expect(health.contributions[0].sources).toEqual(['WARP'])
      }
      // Beside it, the log looks for events now and then.
      return hub.statements.filter((text) => /\binsights\W+\w/.test(text)).length
    }
    expect(await ask(1)).toBe(1)
    expect(await ask(100)).toBe(1)
  })

  it('says that it is behind while facts or accounts have changed, and of whom nothing is known', async () => {
    await using hub = await start()
    const world = payers(2)
    await hub.bed.take(world.told, NOW)
    const ask = async (...of: object[]) => {
      const { data } = await askSubgraph(hub.url, healthOf, { of })
      return data._entities.map((e: { health: { score: string | null; recomputing: boolean } }) => [
        e.health.score !== null,
        e.health.recomputing,
      ])
    }
    expect(await ask(reference('customer-0'), reference('nobody'))).toEqual([
      [false, true],
      [false, true],
    ])
    await hub.bed.scoreAll(NOW)
    expect(await ask(reference('customer-0'), reference('customer-0', 2))).toEqual([
      [true, false],
      // The caller knows of accounts that have not reached us.
      [true, true],
    ])
    const late = world.tell('telephony.account.changed', says.account('ban-0', 'PAST_DUE'))
    await hub.bed.take([late], NOW)
    expect(await ask(reference('customer-0'), reference('customer-1'))).toEqual([
      [true, true],
      [true, false],
    ])
  })

  it('shows another organisation nothing, and refuses a caller without the scope', async () => {
    await using hub = await start()
    await hub.bed.take(payers(3).told, NOW)
    await hub.bed.scoreAll(NOW)
    const of = [reference('customer-1')]
    const others = await askSubgraph(hub.url, healthOf, { of }, principal(EMPTY))
    expect(others.data._entities[0].health).toMatchObject({ score: null, contributions: [], asOf: null })
    const portfolio = '{ portfolio { totalCount nodes { score } } }'
    expect((await askSubgraph(hub.url, portfolio, {}, principal(EMPTY))).data.portfolio).toEqual({
      totalCount: 0,
      nodes: [],
    })
    const without = principal(DEMO, 'customers:read')
    for (const [query, variables] of [
      [healthOf, { of }],
      [portfolio, {}],
    ] as const) {
      const { errors } = await askSubgraph(hub.url, query, variables, without)
      expect(errors?.map((e) => e.extensions?.code)).toEqual(['FORBIDDEN'])
    }
  })
})

describe('portfolio', () => {
  const query = /* GraphQL */ `
    query ($first: Int!, $after: Cursor) {
      portfolio(first: $first, after: $after) { totalCount nodes { score customer { id } } pageInfo { endCursor hasNextPage } }
    }`
  interface Page {
    totalCount: number
    nodes: { score: string | null; customer: { id: string } }[]
    pageInfo: { endCursor: string; hasNextPage: boolean }
  }

  it('lists the worst first and those without a score last, page by page, though scores move meanwhile', async () => {
    await using hub = await start()
    // Fours of equal scores, so that pages end between equals.
    const world = demoWorld()
    for (let i = 0; i < 40; i++) {
      world.tell('customers.identity.changed', says.identity(`customer-${i}`, 1, [`WARP:ban-${i}`]))
      if (i >= 4)
        world.tell('telephony.account.changed', says.account(`ban-${i}`, 'CURRENT', String((i >> 2) * 100)))
    }
    await hub.bed.take(world.told, NOW)
    await hub.bed.scoreAll(NOW)
    const seen: Page['nodes'] = []
    for (let after: string | null = null; ; ) {
      const { data, errors } = await askSubgraph(hub.url, query, { first: 7, after })
      expect(errors).toBeUndefined()
      const page = data.portfolio as Page
      expect(page.totalCount).toBe(40)
      seen.push(...page.nodes)
      if (!page.pageInfo.hasNextPage) break
      after = page.pageInfo.endCursor
      if (seen.length === 14) {
        // One that was listed already becomes better, and one that was not becomes the worst.
        const moved = [
          world.tell('telephony.account.changed', says.account('ban-4', 'CURRENT', '90000')),
          world.tell('telephony.account.changed', says.account('ban-39', 'PAST_DUE', '0')),
        ]
        await hub.bed.take(moved, NOW)
        await hub.bed.scoreAll(NOW)
      }
    }
    const ids = seen.map((node) => node.customer.id)
    const steady = ids.filter((id) => id !== 'customer-4' && id !== 'customer-39')
    expect([steady.length, new Set(steady).size]).toEqual([38, 38])
    const scores = seen.map((node) => (node.score === null ? 999 : Number(node.score)))
    expect(scores).toEqual([...scores].sort((a, b) => a - b))
    expect(scores.slice(-4)).toEqual([999, 999, 999, 999])
  })

  it('refuses a cursor of another list instead of failing', async () => {
    await using hub = await start()
    for (const after of [
      ['a', 'b'],
      [1.5, 'b'],
      [1e300, 'b'],
      [1, 2],
      [null, null],
    ]) {
      const { errors } = await askSubgraph(hub.url, query, { first: 7, after: encodeCursor(after) })
      expect(errors?.[0]?.extensions?.code).toBe('BAD_INPUT')
    }
  })

  it('reads each page by the index, however far back it is and under row level security', async () => {
    await using hub = await start()
    await hub.bed.take(payers(2).told, NOW)
    await hub.bed.scoreAll(NOW)
    await hub.bed.multiply(DEMO, 5000)
    hub.statements.length = 0
    const { errors } = await askSubgraph(hub.url, query, {
      first: 50,
      after: encodeCursor([5000, 'customer-1']),
    })
    expect(errors).toBeUndefined()
    const [page] = await hub.bed.plans('app', DEMO, hub.statements)
    expect(page!.plan).toMatch(
      /Index Scan using health_by_rank[\s\S]*Index Cond: .*ROW\(rank, customer_id\) >/,
    )
    expect(page!.plan).not.toContain('Sort')
  })
})

describe('healthChanged', () => {
  const query = /* GraphQL */ `
    subscription ($customerId: ID, $after: Cursor) {
      healthChanged(customerId: $customerId, after: $after) { score confidence asOf recomputing contributions { metric points } customer { id } }
    }`
  interface Seen {
    score: string
    asOf: string
    contributions: { metric: string; points: string }[]
    customer: { id: string }
  }
  const seenBy = (subscriber: ReturnType<typeof subscribe>): Seen[] =>
    subscriber.results.map((r) => (r.data as unknown as { healthChanged: Seen }).healthChanged)

  it('pushes each move once and in order, explained as it then was, and goes on from a cursor', async () => {
    await using hub = await start({ worker: true })
    const token = await seal.sign(principal())
    const world = payers(2)
    const cursors: string[] = []
    const moves = ['PAST_DUE', 'CURRENT', 'PAST_DUE'] as const
    const settled = () => until(async () => (await hub.bed.unscored()) === 0)
    {
      await using all = subscribe(hub.url, token, query)
      await using one = subscribe(hub.url, token, query, { customerId: 'customer-1' })
      await using other = subscribe(hub.url, await seal.sign(principal(EMPTY)), query)
      await using refused = subscribe(hub.url, await seal.sign(principal(DEMO, 'customers:read')), query)
      await until(() => refused.ended.why !== undefined || refused.results.length > 0)
      expect(JSON.stringify([refused.ended, refused.results])).toContain('FORBIDDEN')
      // Both follow once they have seen the first scores.
      await until(async () => {
        const touch = world.tell(
          'telephony.account.changed',
          says.account('ban-1', 'CURRENT', String(Math.random())),
        )
        await hub.bed.take([...world.told.slice(0, 4), touch], NOW)
        await settled()
        return all.results.length > 0 && one.results.length > 0
      })
      // What was told to wake both up is of NOW, or a millisecond each behind it; a late one of those is no move.
      const firstMove = new Date(NOW.getTime() + 1000).toISOString()
      const isMove = ({ asOf }: { asOf: string }) => asOf >= firstMove
      const movesOf = (reader: typeof one) => seenBy(reader).filter(isMove)
      for (const status of moves) {
        hub.clock.advance(1000)
        const moved: Told[] = [0, 1].map((n) =>
          world.tell('telephony.account.changed', says.account(`ban-${n}`, status, '700')),
        )
        await hub.bed.take(moved, hub.clock.now())
        await settled()
      }
      await until(() => movesOf(one).length >= 3)
      const mine = movesOf(one)
      expect(mine).toHaveLength(3)
      expect(mine.every((s) => s.customer.id === 'customer-1')).toBe(true)
      expect(mine.map((s) => s.asOf)).toEqual(
        [1, 2, 3].map((n) => new Date(NOW.getTime() + n * 1000).toISOString()),
      )
      await until(() => movesOf(all).length >= 6)
      expect(movesOf(all).filter((s) => s.customer.id === 'customer-1')).toEqual(mine)
      expect(other.results).toEqual([])
      cursors.push(...one.results.slice(-3).map((r) => r.extensions!.cursor))
      const paid = mine.map((s) => s.contributions.find((c) => c.metric === 'paymentStatus')?.points)
      expect(Number(paid[0])).toBeLessThan(Number(paid[1]))
    }
    // What is shown of the past is the past, though the score has moved since.
    await using again = subscribe(hub.url, token, query, { customerId: 'customer-1', after: cursors[0] })
    await until(() => again.results.length === 2)
    const [second, third] = seenBy(again)
    for (const then of [second!, third!])
      expect(then.contributions.reduce((t, c) => t + Number(c.points), 0)).toBeCloseTo(Number(then.score), 6)
    expect(Number(second!.score)).toBeGreaterThan(Number(third!.score))
    expect(again.results.map((r) => r.extensions!.cursor)).toEqual(cursors.slice(1))
  })

  it('tells when time alone moved the score', async () => {
    await using hub = await start({ worker: true })
    const world = demoWorld()
    world.tell('customers.identity.changed', says.identity('silent', 1, ['HUBSPOT:company']))
    world.tell('customers.company.changed', says.company('company', { lastActivityAt: NOW.toISOString() }))
    await hub.bed.take(world.told, NOW)
    await until(async () => (await hub.bed.told(DEMO)).length === 1)
    await using all = subscribe(hub.url, await seal.sign(principal()), query)
    await until(async () => {
      hub.clock.advance(DAY)
      await until(async () => (await hub.bed.dueBy(hub.clock.now())) === 0)
      return all.results.length > 0
    })
    expect(Number(seenBy(all).at(-1)!.score)).toBeLessThan(100)
  })
})
