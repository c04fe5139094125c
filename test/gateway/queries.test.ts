import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Graph, startGraph } from '#test/kit/gateway.ts'
import { API_KEY, CUSTOMER_COUNT } from '#test/kit/graph.ts'

let graph: Graph
beforeAll(async () => {
  graph = await startGraph()
})
afterAll(() => graph[Symbol.asyncDispose]())

const UNIFIED = `{ customers(first: 50) { nodes { id name deals(first: 1) { nodes { id } } rfqs(first: 5) { nodes { number } }
  health { score customer { name } } trunks(first: 5) { nodes { name } } } } }`

describe('a query over all parts', () => {
  it('is answered in one request', async () => {
    const { status, body } = await graph.ask(UNIFIED)
    expect(body.errors).toBeUndefined()
    expect(status).toBe(200)
    const nodes = (body.data as never as { customers: { nodes: unknown[] } }).customers.nodes
    expect(nodes).toHaveLength(CUSTOMER_COUNT)
    expect(nodes[3]).toEqual({
      id: 'c3',
      name: 'Company c3',
      deals: { nodes: [{ id: 'd-c3' }] },
      rfqs: { nodes: [{ number: 'RFQ c3-c3' }] },
      health: { score: '70', customer: { name: 'Company c3' } },
      trunks: { nodes: [{ name: 'Trunk of ban-c3' }] },
    })
  })

  it('takes the receipt of the last write along, and says who has not seen that write yet', async () => {
    const seen: (string | undefined)[] = []
    graph.parts.insights.app.server.prependListener('request', (request, response) => {
      seen.push(request.headers['x-hub-after'] as string | undefined)
      response.setHeader('x-hub-behind', 'customers')
    })
    const response = await fetch(`${graph.gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hub-after': 'a-receipt',
        authorization: `Bearer ${await graph.token()}`,
      },
      body: JSON.stringify({ query: '{ customer(id: "c1") { name health { score } } }' }),
    })
    expect(response.headers.get('x-hub-behind')).toBe('insights')
    expect(seen).toEqual(['a-receipt'])
  })

  it('is asked by key as well', async () => {
    const { body } = await graph.ask('{ viewer { id scopes } }', {}, API_KEY)
    expect(body.data).toMatchObject({ viewer: { id: 'key-1' } })
  })
})
