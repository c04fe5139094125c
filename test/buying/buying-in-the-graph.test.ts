import { describe, expect, it } from 'vitest'
import { NOW } from '#test/insights/facts.ts'
import { demoWorld, start } from '#test/insights/running.ts'
import { says } from '#test/insights/world.ts'
import { askSubgraph, DEMO, EMPTY, principal } from '#test/kit/subgraph.ts'

const DAY = 86_400_000

const query = /* GraphQL */ `
  query ($of: [_Any!]!, $first: Int! = 5, $after: Cursor) {
    _entities(representations: $of) {
      ... on Customer {
        id
        buyingBehavior {
          orderFrequency { class medianDays regularity confidence band method }
          avgOrderValue { mean { amount currency } median { amount } purchases leftOut confidence band }
          growthTrend { direction periods grain percentPerYear confidence }
          seasonalPatterns { isSeasonal months { number percentOfAverage } years confidence }
          evidence { kind purchases firstOn lastOn newestRecords sources }
        }
        predictedLtv { next12Months { expected { amount currency } low { amount } high { amount } purchases } next36Months { expected { amount } } probabilityAlive asOf evidence { purchases } confidence band method modelVersion }
        nextOrder { on earliest latest confidence band method }
        opportunities(first: $first, after: $after) {
          nodes { type category estimatedValue { amount currency } because support lift confidence band method modelVersion }
          pageInfo { endCursor hasNextPage }
        }
      }
    }
  }`
const reference = (id: string) => ({ __typename: 'Customer', id, identityVersion: 1 })

/** Customers each of which has won a deal every four weeks for a year. */
const regulars = (count: number) => {
  const world = demoWorld()
  for (let n = 0; n < count; n++) {
    world.tell('customers.identity.changed', says.identity(`customer-${n}`, 1, [`HUBSPOT:company-${n}`]))
    for (let k = 0; k < 13; k++) {
      const closeDate = new Date(NOW.getTime() - (28 * k + 7) * DAY).toISOString()
      world.tell('customers.deal.changed', {
        ...says.deal(`deal-${n}-${k}`, `company-${n}`, '250.50'),
        closeDate,
      })
    }
  }
  return world
}

describe('what is said of a customer’s buying', () => {
  it('is answered for a hundred customers in one statement, with the purchases it rests on', async () => {
    await using hub = await start()
    await hub.bed.take(regulars(100).told, NOW)
    await hub.bed.scoreAll(NOW)
    const ask = async (count: number) => {
      hub.statements.length = 0
      const of = Array.from({ length: count }, (_, n) => reference(`customer-${n}`))
      const { data, errors } = await askSubgraph(hub.url, query, { of })
      expect(errors).toBeUndefined()
      expect(data._entities).toHaveLength(count)
      expect(data._entities[count - 1]).toMatchObject({
        buyingBehavior: {
          orderFrequency: {
            ...{ class: 'MONTHLY', medianDays: '28', regularity: '1', band: 'LOW' },
            method: 'median-interval@1',
          },
          avgOrderValue: {
            mean: { amount: '250.5', currency: 'USD' },
            ...{ median: { amount: '250.5' }, purchases: 13, leftOut: 0 },
          },
          growthTrend: { direction: 'STEADY', periods: 10, grain: 'MONTH', percentPerYear: null },
          seasonalPatterns: null,
          evidence: {
            ...{
              kind: 'DEAL',
              purchases: 13,
              firstOn: '2025-12-12',
              lastOn: '2026-11-13',
              sources: ['HUBSPOT'],
            },
            newestRecords: [0, 1, 2].map((k) => `deal-${count - 1}-${k}`),
          },
        },
        // Nothing was learned of anybody.
        ...{
          predictedLtv: null,
          opportunities: { nodes: [], pageInfo: { endCursor: null, hasNextPage: false } },
        },
        nextOrder: { on: '2026-12-11', earliest: '2026-12-11', latest: '2026-12-11', method: 'own-rhythm@1' },
      })
      return hub.statements.filter((text) => /\binsights\W+\w/.test(text)).length
    }
    expect(await ask(1)).toBe(1)
    expect(await ask(100)).toBe(1)
  })

  it('is never relied on more than one system is, and says in words how far', async () => {
    await using hub = await start()
    await hub.bed.take(regulars(1).told, NOW)
    await hub.bed.scoreAll(NOW)
    const { data } = await askSubgraph(hub.url, query, { of: [reference('customer-0')] })
    const { orderFrequency, avgOrderValue } = data._entities[0].buyingBehavior
    for (const { confidence, band } of [orderFrequency, avgOrderValue, data._entities[0].nextOrder]) {
      expect(Number(confidence)).toBeGreaterThan(50)
      expect(Number(confidence)).toBeLessThanOrEqual(69)
      expect(band).toBe('LOW')
    }
  })

  it('is not there for a customer that never bought, for another organisation, and without the scope', async () => {
    await using hub = await start()
    const world = regulars(1)
    world.tell('customers.identity.changed', says.identity('silent', 1, ['HUBSPOT:nothing']))
    await hub.bed.take(world.told, NOW)
    await hub.bed.scoreAll(NOW)
    const nothing = {
      buyingBehavior: null,
      predictedLtv: null,
      nextOrder: null,
      opportunities: { nodes: [] },
    }
    const silent = await askSubgraph(hub.url, query, { of: [reference('silent')] })
    expect(silent.data._entities[0]).toMatchObject(nothing)
    const of = [reference('customer-0')]
    const others = await askSubgraph(hub.url, query, { of }, principal(EMPTY))
    expect(others.data._entities[0]).toMatchObject(nothing)
    const { errors } = await askSubgraph(hub.url, query, { of }, principal(DEMO, 'customers:read'))
    expect(new Set(errors?.map((e) => e.extensions?.code))).toEqual(new Set(['FORBIDDEN']))
    expect(errors).toHaveLength(4)
  })

  it('shows a customer’s opportunities page by page, the most valuable first', async () => {
    await using hub = await start()
    await hub.bed.take(regulars(1).told, NOW)
    await hub.bed.scoreAll(NOW)
    const list = ['Sensors', 'Connectors', 'Relays'].map((category, n) => ({
      ...{ type: 'CROSS_SELL', category, value: `${300 - n}.00`, because: 'Memory', support: 40 },
      ...{ lift: 2.5, confidence: 60 - n },
    }))
    await hub.bed.rows(`update insights.findings set found = $1`, [
      JSON.stringify({ opportunities: { currency: 'USD', modelVersion: 3, list } }),
    ])
    const ask = async (after: string | null) => {
      const { data } = await askSubgraph(hub.url, query, { of: [reference('customer-0')], first: 2, after })
      return data._entities[0].opportunities
    }
    const first = await ask(null)
    expect(first.nodes[0]).toEqual({
      ...{ type: 'CROSS_SELL', category: 'Sensors', because: 'Memory', support: 40, lift: '2.5' },
      estimatedValue: { amount: '300', currency: 'USD' },
      ...{ confidence: '60', band: 'LOW', method: 'category-lift@1', modelVersion: 3 },
    })
    expect(first.pageInfo.hasNextPage).toBe(true)
    const rest = await ask(first.pageInfo.endCursor)
    expect(rest.nodes.map((one: { category: string }) => one.category)).toEqual(['Relays'])
    expect(rest.pageInfo.hasNextPage).toBe(false)
  })
})
