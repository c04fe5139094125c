import { parse } from 'graphql'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadSnapshot } from '#gateway/supergraph/snapshot.ts'
import type { Subgraph } from '#gateway/supergraph/source.ts'
import { supergraphSdl } from '#test/kit/gateway.ts'
import { PART_NAMES } from '#test/kit/graph.ts'
import { type Comparison, contextOf, openComparison } from './comparison.ts'

describe('the compiled executor', () => {
  let comparison: Comparison
  beforeAll(() => {
    comparison = openComparison()
  })

  it('answers random operations as the stock one does, errors and their places included', async () => {
    const found = await comparison.run({ from: 1, operations: 300 })
    expect(found.differences).toEqual([])
    expect(found.compared).toBeGreaterThan(450)
    expect(found.withErrors).toBeGreaterThan(100)
    expect(found.left).toBeLessThan(8)
    expect(found.misplaced).toBeLessThan(3)
    expect(found.entitiesKept).toBeGreaterThan(50)
  })
})

/** A graph of which two parts are played. */
const graphOf = (parts: { customers: Subgraph['ask']; insights?: Subgraph['ask'] }) =>
  loadSnapshot(
    supergraphSdl,
    Object.fromEntries(
      PART_NAMES.map((name) => [name, { ask: parts[name as 'customers'] ?? (async () => ({ data: {} })) }]),
    ),
  )
const run = (graph: ReturnType<typeof graphOf>, query: string, variables = {}) => {
  const document = parse(query)
  return graph.run(graph.plan({ document }, query), { document, variables }, contextOf())
}

describe('entities that are met at several places', () => {
  const tasks = ['a', 'b', 'a'].map((id) => ({
    customer: { __typename: 'Customer', id },
  }))
  const customers = async () => ({ data: { tasks: { nodes: tasks.map((task) => structuredClone(task)) } } })
  const HEALTH = '{ tasks { nodes { customer { id lead { state } } } } }'

  it('are asked for once, and each place has what was answered', async () => {
    const bodies: string[] = []
    const insights: Subgraph['ask'] = async ({ body }) => {
      bodies.push(body)
      return { data: { _entities: [{ lead: { state: 'OPEN' } }, { lead: { state: 'QUALIFIED' } }] } }
    }
    const { data } = await run(graphOf({ customers, insights }), HEALTH)
    expect(bodies.map((body) => JSON.parse(body).variables.representations)).toEqual([
      ['a', 'b'].map((id) => ({ __typename: 'Customer', id })),
    ])
    expect(data).toEqual({
      tasks: {
        nodes: [
          { customer: { id: 'a', lead: { state: 'OPEN' } } },
          { customer: { id: 'b', lead: { state: 'QUALIFIED' } } },
          { customer: { id: 'a', lead: { state: 'OPEN' } } },
        ],
      },
    })
  })

  it('bring what went wrong to each of their places', async () => {
    const insights: Subgraph['ask'] = async () => ({
      data: { _entities: [{ lead: null }, { lead: { state: 'OPEN' } }] },
      errors: [{ message: 'No state.', path: ['_entities', 0, 'lead'], extensions: { code: 'NOT_FOUND' } }],
    })
    const { errors } = await run(graphOf({ customers, insights }), HEALTH)
    expect(errors?.map(({ path }) => path)).toEqual([
      ['tasks', 'nodes', 0, 'customer', 'lead'],
      ['tasks', 'nodes', 2, 'customer', 'lead'],
    ])
  })
})
