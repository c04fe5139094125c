import { describe, expect, it } from 'vitest'
import { askSubgraph, EMPTY, principal } from '#test/kit/subgraph.ts'
import { ago, chance, NOW } from './facts.ts'
import { payers, start } from './running.ts'
import { says } from './world.ts'

type Hub = Awaited<ReturnType<typeof start>>
const ask = async (hub: Hub, query: string, variables: Record<string, unknown> = {}, who = principal()) => {
  const { data, errors } = await askSubgraph(hub.url, query, variables, who)
  expect(errors).toBeUndefined()
  return data
}
const statementsOf = (hub: Hub) => hub.statements.filter((text) => /\binsights\W+\w/.test(text)).length
const refused = async (hub: Hub, query: string) =>
  (await askSubgraph(hub.url, query)).errors?.map((e) => e.extensions?.code)

/** Customers of many scores, one of them of no score at all. */
const spread = async (hub: Hub, count = 30) => {
  const world = payers(count)
  const random = chance(6)
  for (let i = 0; i < count; i++)
    if (random() < 0.6) {
      world.tell(
        'customers.identity.changed',
        says.identity(`customer-${i}`, 2, [`WARP:ban-${i}`, `HUBSPOT:company-${i}`]),
      )
      world.tell(
        'customers.company.changed',
        says.company(`company-${i}`, { lastActivityAt: ago(random() * 200).toISOString() }),
      )
      if (random() < 0.5) world.tell('telephony.account.changed', says.account(`ban-${i}`, 'PAST_DUE', '10'))
    }
  world.tell('customers.identity.changed', says.identity('unknown', 1, ['C3:nothing']))
  await hub.bed.take(world.told, ago(45))
  await hub.bed.scoreAll(ago(45))
  return world
}

describe('the portfolio', () => {
  it('says how scores are spread, as they would be counted one by one, in one statement', async () => {
    await using hub = await start()
    const world = await spread(hub)
    const scores = [...(await hub.bed.scores(world.orgId)).values()].flatMap((row) =>
      row.score === null ? [] : [Number(row.score)],
    )
    hub.statements.length = 0
    const { healthDistribution: found } = await ask(
      hub,
      '{ healthDistribution { scored unscored mean median tens rising steady falling bands { band customers } } }',
    )
    expect(statementsOf(hub)).toBe(1)
    expect(found).toMatchObject({ scored: scores.length, unscored: 1, rising: 0, steady: 0, falling: 0 })
    expect(Number(found.mean)).toBeCloseTo(scores.reduce((a, b) => a + b, 0) / scores.length, 1)
    expect(found.tens).toEqual(
      Array.from(
        { length: 10 },
        (_, ten) => scores.filter((s) => Math.min(9, Math.floor(s / 10)) === ten).length,
      ),
    )
    const bands = [80, 60, 40, 0].map(
      (from, i, all) => scores.filter((s) => s >= from && s < (all[i - 1] ?? 101)).length,
    )
    expect(found.bands.map((b: { customers: number }) => b.customers)).toEqual(bands)
    expect(bands.filter((n) => n > 0).length).toBeGreaterThan(1)
    const empty = await ask(hub, '{ healthDistribution { scored unscored mean tens } }', {}, principal(EMPTY))
    expect(empty.healthDistribution).toEqual({ scored: 0, unscored: 0, mean: null, tens: Array(10).fill(0) })
  })

  it('is filtered by score, band and trend, page by page, and counts what fits', async () => {
    await using hub = await start()
    const world = await spread(hub)
    const all = [...(await hub.bed.scores(world.orgId))].map(([id, row]) => [id, row.score] as const)
    const list = async (filter: object) => {
      const ids: string[] = []
      for (let after: string | null = null; ; ) {
        const { portfolio } = await ask(
          hub,
          'query ($f: PortfolioFilter, $after: Cursor) { portfolio(filter: $f, first: 7, after: $after) { totalCount nodes { score customer { id } } pageInfo { endCursor hasNextPage } } }',
          { f: filter, after },
        )
        ids.push(...portfolio.nodes.map((n: { customer: { id: string } }) => n.customer.id))
        if (!portfolio.pageInfo.hasNextPage) {
          expect(portfolio.totalCount).toBe(ids.length)
          return ids.sort()
        }
        after = portfolio.pageInfo.endCursor
      }
    }
    const among = (low: number, below: number) =>
      all
        .filter(([, score]) => score !== null && Number(score) >= low && Number(score) < below)
        .map(([id]) => id)
        .sort()
    expect(await list({})).toHaveLength(all.length)
    expect(await list({ minScore: '40', maxScore: '70' })).toEqual(among(40, 70.001))
    expect(await list({ band: 'SHAKY' })).toEqual(among(40, 60))
    expect(await list({ band: 'THRIVING' })).toEqual(among(80, 101))
    expect(await list({ band: 'POOR', minScore: '20' })).toEqual(among(20, 40))
    expect(await list({ trend: 'RISING' })).toEqual([])
    for (const day of [35, 28, 21, 14, 7, 0]) await hub.bed.scoreAll(ago(day))
    const turned = await hub.bed.rows<{ customer_id: string }>(
      "select customer_id from insights.health where trend = 'FALLING'",
    )
    expect(turned.length).toBeGreaterThan(0)
    expect(await list({ trend: 'FALLING' })).toEqual(turned.map((row) => row.customer_id).sort())
    expect(await refused(hub, '{ portfolio(filter: { minScore: "101" }) { nodes { score } } }')).toEqual([
      'BAD_INPUT',
    ])
  })

  it('names the customers that moved most, with where they stood', async () => {
    await using hub = await start()
    const world = payers(6)
    await hub.bed.take(world.told, ago(20))
    await hub.bed.scoreAll(ago(20))
    const before = await hub.bed.scores(world.orgId)
    const pay = (n: number, mrr: string, at: Date) =>
      hub.bed.take([world.tell('telephony.account.changed', says.account(`ban-${n}`, 'CURRENT', mrr))], at)
    await pay(1, '20000', ago(5))
    await pay(2, '150', ago(4))
    await hub.bed.scoreAll(ago(4))
    const after = await hub.bed.scores(world.orgId)
    const { healthMovers } = await ask(
      hub,
      '{ healthMovers(days: 10, first: 5) { from to points customer { id } } }',
    )
    expect(healthMovers.map((m: { customer: { id: string } }) => m.customer.id)).toEqual([
      'customer-1',
      'customer-2',
    ])
    const of = (n: number) => [before, after].map((scores) => scores.get(`customer-${n}`)!.score)
    expect([healthMovers[0].from, healthMovers[0].to].map(Number)).toEqual(of(1).map(Number))
    expect(Number(healthMovers[0].points)).toBeCloseTo(Number(of(1)[1]) - Number(of(1)[0]), 6)
    expect((await ask(hub, '{ healthMovers(days: 3) { points } }')).healthMovers).toEqual([])
    expect(await refused(hub, '{ healthMovers(days: 91) { points } }')).toEqual(['BAD_INPUT'])
    expect((await ask(hub, '{ healthMovers { points } }', {}, principal(EMPTY))).healthMovers).toEqual([])
  })

  it('says month by month how many there were, how they were doing, and who rose and fell, in one statement', async () => {
    await using hub = await start()
    const at = (day: string) => new Date(`2026-${day}T12:00:00Z`)
    const world = payers(4)
    await hub.bed.take(world.told, at('08-10'))
    await hub.bed.scoreAll(at('08-10'))
    const august = await hub.bed.scores(world.orgId)
    await hub.bed.take(
      [world.tell('telephony.account.changed', says.account('ban-0', 'CURRENT', '9000'))],
      at('10-02'),
    )
    await hub.bed.take(
      [world.tell('telephony.account.changed', says.account('ban-3', 'PAST_DUE', '300'))],
      at('10-30'),
    )
    await hub.bed.take(payers(5).told.slice(-2), at('10-31'))
    await hub.bed.scoreAll(at('10-31'))
    hub.statements.length = 0
    const { healthMonths } = await ask(
      hub,
      '{ healthMonths(from: "2026-07", to: "2026-11") { month scored mean risen fallen new } }',
    )
    expect(statementsOf(hub)).toBe(1)
    const mean = [...august.values()].reduce((sum, row) => sum + Number(row.score), 0) / 4
    expect(healthMonths.slice(0, 3)).toEqual([
      { month: '2026-07', scored: 0, mean: null, risen: 0, fallen: 0, new: 0 },
      { month: '2026-08', scored: 4, mean: expect.any(String), risen: 0, fallen: 0, new: 4 },
      { month: '2026-09', scored: 4, mean: expect.any(String), risen: 0, fallen: 0, new: 0 },
    ])
    expect(Number(healthMonths[1].mean)).toBeCloseTo(mean, 1)
    expect(healthMonths[3]).toMatchObject({ month: '2026-10', scored: 5, risen: 1, fallen: 1, new: 1 })
    expect(healthMonths[4]).toMatchObject({ month: '2026-11', scored: 5, risen: 0, fallen: 0 })
    for (const [from, to] of [
      ['2026-7', '2026-11'],
      ['2026-11', '2026-10'],
      ['2025-01', '2026-11'],
    ])
      expect(await refused(hub, `{ healthMonths(from: "${from}", to: "${to}") { month } }`)).toEqual([
        'BAD_INPUT',
      ])
  })
})

describe('the past of a customer', () => {
  it('is answered as of any moment, for many customers at once, and step by step for a chart', async () => {
    await using hub = await start()
    const world = payers(3)
    await hub.bed.take(world.told, ago(10))
    await hub.bed.scoreAll(ago(10))
    for (let day = 9; day > 0; day--) {
      await hub.bed.take(
        [world.tell('telephony.account.changed', says.account('ban-1', 'CURRENT', `${day * 300}`))],
        ago(day),
      )
      await hub.bed.scoreAll(ago(day))
    }
    const of = [0, 1, 2].map((n) => ({ __typename: 'Customer', id: `customer-${n}`, identityVersion: 1 }))
    const query = (fields: string) =>
      `query ($of: [_Any!]!, $from: DateTime!, $to: DateTime!, $after: Cursor) { _entities(representations: $of) { ... on Customer { ${fields} } } }`
    const span = { from: ago(20), to: NOW }
    const told = (await hub.bed.told(world.orgId)).filter((e) => e.key === 'customer-1')
    hub.statements.length = 0
    const then = await ask(
      hub,
      query(
        'health(asOf: $from) { score } later: health(asOf: $to) { score contributions { points } }',
      ).replace(', $after: Cursor', ''),
      { of, from: ago(4.5), to: ago(3.5) },
    )
    expect(statementsOf(hub)).toBe(2)
    const [, one] = then._entities
    expect([one.health.score, one.later.score].map(Number)).toEqual(
      [5, 4].map((day) => Number(told.find((e) => e.payload.asOf === ago(day).toISOString())!.payload.score)),
    )
    expect(
      one.later.contributions.reduce((sum: number, c: { points: string }) => sum + Number(c.points), 0),
    ).toBeCloseTo(Number(one.later.score), 6)
    // Before anybody knew of it.
    const before = await ask(
      hub,
      'query ($of: [_Any!]!, $at: DateTime!) { _entities(representations: $of) { ... on Customer { health(asOf: $at) { score confidence asOf } } } }',
      { of, at: ago(11) },
    )
    expect(before._entities[1].health).toEqual({ score: null, confidence: '0', asOf: null })

    const steps: { asOf: string; score: string }[] = []
    for (let after: string | null = null; ; ) {
      const page = await ask(
        hub,
        query(
          'healthHistory(from: $from, to: $to, first: 4, after: $after) { nodes { asOf score } pageInfo { endCursor hasNextPage } }',
        ),
        { of: [of[1]], ...span, after },
      )
      const { nodes, pageInfo } = page._entities[0].healthHistory
      steps.push(...nodes)
      if (!pageInfo.hasNextPage) break
      after = pageInfo.endCursor
    }
    expect(steps.map((s) => [s.asOf, Number(s.score)])).toEqual(
      told.map((e) => [e.payload.asOf, Number(e.payload.score)]),
    )
    const other = await ask(
      hub,
      query('healthHistory(from: $from, to: $to, first: 4, after: $after) { nodes { score } }'),
      { of, ...span },
      principal(EMPTY),
    )
    expect(
      other._entities.flatMap((e: { healthHistory: { nodes: unknown[] } }) => e.healthHistory.nodes),
    ).toEqual([])
  })

  it('is kept for 400 days, as long as something moves', async () => {
    await using hub = await start()
    const world = payers(1)
    await hub.bed.take(world.told, ago(450))
    await hub.bed.scoreAll(ago(450))
    const move = async (mrr: string, at: Date) => {
      await hub.bed.take([world.tell('telephony.account.changed', says.account('ban-0', 'CURRENT', mrr))], at)
      await hub.bed.scoreAll(at)
    }
    await move('5000', ago(300))
    const oldest = async () =>
      (await hub.bed.rows<{ at: Date }>('select min(as_of) as at from insights.health_history'))[0]!.at
    expect(await oldest()).toEqual(ago(450))
    await move('9000', ago(10))
    expect((await oldest()).getTime()).toBeGreaterThan(ago(411).getTime())
  })
})
